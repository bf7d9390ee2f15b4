package io.salver.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.TensorSpec;
import io.salver.testkit.cases.Runs;
import io.salver.testkit.cases.SharedTestData;
import io.salver.testkit.cases.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The TorchScript cases of the test data, straight through the engine. */
class TorchCasesTest {
  private static final TorchEngine ENGINE = new TorchEngine();
  private static final int WAV_HEADER_BYTES = 44;

  @TempDir Path temporary;

  private static Path data() {
    Optional<Path> data = SharedTestData.find();
    assumeTrue(data.isPresent(), SharedTestData::whyAbsent);
    return data.orElseThrow();
  }

  private static LoadedModel load(Path version) throws ModelLoadException {
    ModelFiles files = new ModelFiles(version);
    assertThat(ENGINE.inspect(files)).isInstanceOf(Inspection.Ready.class);
    return ENGINE.load(files, EngineOptions.DEFAULT);
  }

  @Test
  void tritonsAddSubAddsAndSubtracts() throws Exception {
    try (LoadedModel model = load(data().resolve("D_other/triton_add_sub_torch/add_sub/1"))) {
      Shape shape = Shape.of(-1, 16);
      assertThat(Runs.signature(model).inputs())
          .extracting(TensorSpec::name, TensorSpec::dtype, TensorSpec::shape)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple("INPUT__0", DType.FLOAT32, shape),
              org.assertj.core.groups.Tuple.tuple("INPUT__1", DType.FLOAT32, shape));
      assertThat(model.isConcurrent()).isTrue();
      Map<String, TensorData> outputs =
          Runs.once(
              model,
              TensorData.floats("INPUT__0", Shape.of(4), 1, 2, 3, 4),
              TensorData.floats("INPUT__1", Shape.of(4), 10, 20, 30, 40));
      assertThat(Runs.numbers(outputs.get("OUTPUT__0"))).containsExactly(11, 22, 33, 44);
      assertThat(Runs.numbers(outputs.get("OUTPUT__1"))).containsExactly(-9, -18, -27, -36);
    }
  }

  /** The first answers are those of the ONNX twin, which is given what this one remembers. */
  @Test
  void sileroHearsSpeechWithItsOwnState() throws Exception {
    try (LoadedModel model = load(data().resolve("D_other/torchscript_silero_vad"))) {
      assertThat(model.isConcurrent()).isFalse();
      float[] samples = wav(data().resolve("B_onnx/silero_vad/tests/data/test.wav"));
      double[] expected = {0.2083421, 0.817943, 0.8911959, 0.99636143};
      for (int i = 0; i < expected.length; i++) {
        float[] frame = java.util.Arrays.copyOfRange(samples, 512 * i, 512 * (i + 1));
        Map<String, TensorData> outputs =
            Runs.once(
                model,
                TensorData.floats("x", Shape.of(1, 512), frame),
                TensorData.longs("sr", Shape.SCALAR, 16_000));
        assertThat(outputs.get("OUTPUT__0").number(0)).isCloseTo(expected[i], within(1e-4));
      }
    }
  }

  private static float[] wav(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(WAV_HEADER_BYTES);
    float[] samples = new float[bytes.remaining() / Short.BYTES];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = bytes.getShort() / 32768f;
    }
    return samples;
  }

  @Test
  void tritonsImplicitStateModelLoads() throws Exception {
    Path source = data().resolve("D_other/triton_implicit_state_torch");
    Path version = Files.createDirectories(temporary.resolve("implicit/1"));
    Files.copy(source.resolve("model.pt"), version.resolve("model.pt"));
    Files.copy(source.resolve("config.pbtxt"), temporary.resolve("implicit/config.pbtxt"));
    try (LoadedModel model = load(version)) {
      assertThat(Runs.signature(model).inputs())
          .extracting(TensorSpec::name)
          .containsExactly("DELAY_ITRS__0", "seq_start", "seq_id", "seq_state_in");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "broken.pt, no zip archive",
    "checkpoint.pt, without constants.pkl",
    "state_dict.pt, without constants.pkl",
    "simple_legacy.pt, a pickle"
  })
  void whatIsNoTorchScriptIsRefused(String file, String reason) throws Exception {
    Path version = Files.createDirectories(temporary.resolve("bad"));
    Files.copy(data().resolve("D_other/torch_bad_files").resolve(file), version.resolve(file));
    assertThatThrownBy(() -> ENGINE.load(new ModelFiles(version), EngineOptions.DEFAULT))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining(file)
        .hasMessageContaining(reason);
  }
}
