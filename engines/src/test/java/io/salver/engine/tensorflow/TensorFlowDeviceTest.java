package io.salver.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.Device;
import io.salver.engine.EngineOptions;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of devices can be seen on a machine without one. */
class TensorFlowDeviceTest {
  @TempDir Path directory;

  private static EngineOptions on(String device) {
    return EngineOptions.DEFAULT.withDevices(List.of(Device.parse(device)));
  }

  /** The fields of a message, in its order: numbers, and the bytes of what is none as text. */
  private static List<String> fields(MemorySegment message) {
    ProtoReader reader = new ProtoReader(message);
    List<String> fields = new ArrayList<>();
    while (reader.next()) {
      int field = reader.field();
      if (reader.wireType() == ProtoReader.LENGTH_DELIMITED) {
        byte[] bytes = reader.readBytes().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        fields.add(field + ": " + java.util.HexFormat.of().formatHex(bytes));
      } else {
        fields.add(field + ": " + reader.readVarint());
      }
    }
    return fields;
  }

  private static List<String> config(EngineOptions options) {
    return fields(MemorySegment.ofArray(SessionConfig.of(options).toByteArray()));
  }

  @Test
  void onTheCpuTensorFlowGetsNoGpu() {
    // A map's entry: the key "GPU", the value 0.
    assertThat(config(on("cpu"))).contains("1: 0a034750551000").noneMatch(f -> f.startsWith("6:"));
  }

  @Test
  void onAGpuItGetsThatOneAloneWithMemoryAsItNeedsOrALimitInMebibytes() {
    // allow_growth, visible_device_list "3"; soft placement.
    assertThat(config(on("cuda:3"))).contains("6: 20012a0133", "7: 1");
    // The same, and virtual_devices { memory_limit_mb: [1536] }.
    assertThat(config(on("cuda:3").withDeviceMemoryLimitBytes(1536L << 20)))
        .contains("6: 20012a01334a080a060a040000c044");
  }

  @Test
  void theLibraryItselfSaysThatItHasNoGpu() throws Exception {
    TensorFlowLibrary.load(Optional.empty());
    assertThat(Session.deviceTypes(EngineOptions.DEFAULT)).containsOnly("CPU");
    assertThat(Session.deviceTypes(on("cuda:0"))).containsOnly("CPU");
  }

  @Test
  void aGpuIsRefusedByNameWhereTheLibraryHasNone() throws Exception {
    new SavedModelWriter().write(directory);
    try (TensorFlowEngine engine = new TensorFlowEngine()) {
      ModelFiles files = new ModelFiles(directory);
      assertThatThrownBy(() -> engine.load(files, on("cuda:0")))
          .isInstanceOf(ModelLoadException.class)
          .hasMessageMatching(
              "device: cuda:0: TensorFlow 2\\.\\d+\\.\\d+ was built without CUDA, and has only \\[CPU\\]"
                  + " \\(expected: a GPU with its driver, and a build of the library for it in"
                  + " engines.libraries.tensorflow\\)");
      assertThatThrownBy(() -> engine.load(files, on("cuda:0").withDeviceMemoryLimitBytes(1000)))
          .hasMessage("device_memory_limit_bytes: 1000 (expected: >= 1048576 for TensorFlow)");
    }
  }

  @Test
  void anotherBuildThanTheOneThatIsLoadedIsRefused() throws Exception {
    new SavedModelWriter().write(directory);
    TensorFlowLibrary.load(Optional.empty());
    try (TensorFlowEngine engine = new TensorFlowEngine(Optional.of(Path.of("/opt/tf")))) {
      assertThatThrownBy(() -> engine.load(new ModelFiles(directory), EngineOptions.DEFAULT))
          .isInstanceOf(ModelLoadException.class)
          .hasMessage(
              "TensorFlow: /opt/tf (expected: the libraries on the class path, which is loaded)");
    }
  }
}
