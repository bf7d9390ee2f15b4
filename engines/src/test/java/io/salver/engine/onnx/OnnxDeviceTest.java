package io.salver.engine.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.salver.engine.Device;
import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.tensor.Shape;
import io.salver.testkit.cases.OnnxModelWriter;
import io.salver.testkit.cases.Runs;
import io.salver.testkit.cases.TensorData;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of devices can be seen on a machine without one. */
class OnnxDeviceTest {
  /** Names a jar or a directory with a build of ONNX Runtime for GPUs. */
  private static final String GPU_BUILD = "SALVER_ONNXRUNTIME_GPU";

  private static final TensorData X = TensorData.floats("x", Shape.of(1), 4);

  @TempDir Path directory;

  @BeforeEach
  void write() throws Exception {
    Files.write(directory.resolve("model.onnx"), OnnxModelWriter.halfPlusTwo().toByteArray());
  }

  private void load(OnnxEngine engine, EngineOptions options) throws ModelLoadException {
    engine.load(new ModelFiles(directory), options).close();
  }

  private static EngineOptions on(String device) {
    return EngineOptions.DEFAULT.withDevices(List.of(Device.parse(device)));
  }

  @ParameterizedTest
  @CsvSource({
    "cuda:0, CUDAExecutionProvider",
    "cuda:3, CUDAExecutionProvider",
    "tensorrt:0, TensorrtExecutionProvider",
    "openvino:0, OpenVINOExecutionProvider",
    "coreml:0, CoreMLExecutionProvider"
  })
  void aProviderThatTheLibraryHasNotIsRefusedByName(String device, String provider) {
    try (OnnxEngine engine = new OnnxEngine()) {
      assertThatThrownBy(() -> load(engine, on(device)))
          .isInstanceOf(ModelLoadException.class)
          .hasMessageStartingWith("device: " + device + ": the library of ONNX Runtime 1.")
          .hasMessageContaining(" has no " + provider + " (expected: one of [")
          .hasMessageContaining("CPUExecutionProvider]")
          .hasMessageEndingWith(
              "or another build of the library in engines.libraries.onnxruntime)");
    }
  }

  @Test
  void anotherNumberOrALimitIsRefusedWhereTheProviderHasNone() {
    try (OnnxEngine engine = new OnnxEngine()) {
      assertThatThrownBy(() -> load(engine, on("openvino:1")))
          .hasMessageStartingWith("device: openvino:1, device_memory_limit_bytes: 0 (expected: ");
      assertThatThrownBy(() -> load(engine, on("coreml").withDeviceMemoryLimitBytes(9)))
          .hasMessageStartingWith("device: coreml:0, device_memory_limit_bytes: 9 (expected: ");
    }
  }

  @Test
  void theLibraryItselfSaysWhichProvidersItHasAndRefusesOthers() throws Exception {
    try (OrtRuntime runtime = OrtRuntime.load(Optional.empty());
        Arena arena = Arena.ofConfined()) {
      OrtApi api = runtime.api();
      assertThat(api.version()).matches("1\\.\\d+\\.\\d+");
      assertThat(api.availableProviders()).contains("CPUExecutionProvider");
      MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
      api.createSessionOptions(out.address());
      long options = out.get(ValueLayout.JAVA_LONG, 0);
      assertThatThrownBy(() -> api.appendProvider(options, "Abacus", Map.of("beads", "10")))
          .isInstanceOf(OrtException.class)
          .hasMessageContaining("Abacus");
      for (OrtApi.ProviderFunctions provider : OrtApi.ProviderFunctions.values()) {
        assertThatThrownBy(() -> api.appendProvider(options, provider, Map.of("device_id", "0")))
            .isInstanceOf(OrtException.class)
            .hasMessageContaining("not enabled in this build");
      }
      api.releaseSessionOptions(options);
    }
  }

  @Test
  void theDeviceAndTheLimitBecomeTheProvidersSettings() {
    EngineOptions options = on("cuda:2").withDeviceMemoryLimitBytes(1L << 31);
    assertThat(Providers.cuda(on("cuda:2"))).isEqualTo(Map.of("device_id", "2"));
    assertThat(Providers.cuda(options))
        .isEqualTo(
            Map.of(
                "device_id",
                "2",
                "gpu_mem_limit",
                "2147483648",
                "arena_extend_strategy",
                "kSameAsRequested"));
    assertThat(Providers.tensorrt(options))
        .isEqualTo(Map.of("device_id", "2", "trt_max_workspace_size", "2147483648"));
  }

  @Test
  void aLibraryThatIsNotThereIsRefused() throws Exception {
    Path missing = directory.resolve("no/such/place");
    Path empty = Files.createDirectory(directory.resolve("empty"));
    Path text = Files.writeString(directory.resolve("library.jar"), "no jar");
    for (Path library : List.of(missing, empty, text, directory.resolve("model.onnx"))) {
      try (OnnxEngine engine = new OnnxEngine(Optional.of(library))) {
        assertThatThrownBy(() -> load(engine, EngineOptions.DEFAULT))
            .isInstanceOf(ModelLoadException.class)
            .hasMessageStartingWith("ONNX Runtime: ");
      }
    }
    try (OnnxEngine engine = new OnnxEngine(Optional.of(empty))) {
      assertThatThrownBy(() -> load(engine, EngineOptions.DEFAULT))
          .hasMessage(
              "ONNX Runtime: " + empty + ": no libonnxruntime.so (expected: [libonnxruntime.so])");
    }
  }

  @Test
  void aLibraryMayBeGivenAsADirectoryOrAJar() throws Exception {
    Path jar =
        Path.of(
            java.net.URI.create(
                String.valueOf(
                        OnnxEngine.class
                            .getClassLoader()
                            .getResource("ai/onnxruntime/native/linux-x64/libonnxruntime.so"))
                    .replaceAll("^jar:|!.*$", "")));
    try (OnnxEngine engine = new OnnxEngine(Optional.of(jar));
        LoadedModel model = engine.load(new ModelFiles(directory), EngineOptions.DEFAULT)) {
      assertThat(Runs.once(model, X)).containsKey("y");
    }
  }

  @Test
  void aBuildForGpusRunsModelsOnTheCpuAndSaysWhatItMissesForOthers() throws Exception {
    String library = System.getenv(GPU_BUILD);
    assumeTrue(library != null, GPU_BUILD + " is not set");
    try (OnnxEngine engine = new OnnxEngine(Optional.of(Path.of(library)))) {
      try (LoadedModel model = engine.load(new ModelFiles(directory), EngineOptions.DEFAULT)) {
        assertThat(Runs.once(model, X)).containsKey("y");
      }
      for (String device : List.of("cuda:0", "tensorrt:0")) {
        assertThatThrownBy(() -> load(engine, on(device)))
            .isInstanceOf(ModelLoadException.class)
            .hasMessageStartingWith("device: " + device + ": ONNX Runtime 1.")
            .satisfies(e -> System.out.println(e.getMessage()));
      }
    }
  }
}
