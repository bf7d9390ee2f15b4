package io.salver.engine.opencv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.Shape;
import io.salver.testkit.cases.Runs;
import io.salver.testkit.cases.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks that the test makes, and files that are none. */
class CaffeEngineTest {
  private static final CaffeEngine ENGINE = new CaffeEngine();
  private static final long SEED = 20_261_127;

  private final SmallNet net = new SmallNet(SEED);
  @TempDir Path version;

  @BeforeEach
  void write() throws IOException {
    net.writeTo(version);
  }

  private LoadedModel load() throws ModelLoadException {
    return ENGINE.load(new ModelFiles(version), EngineOptions.DEFAULT);
  }

  @Test
  void anyNumberOfRowsIsAnsweredAsByHand() throws Exception {
    Random random = new Random(SEED);
    try (LoadedModel model = load()) {
      assertThat(Runs.signature(model).inputs().getFirst().shape()).isEqualTo(Shape.of(-1, 3));
      assertThat(Runs.signature(model).outputs().getFirst().name()).isEqualTo("chances");
      assertThat(Runs.signature(model).outputs().getFirst().shape()).isEqualTo(Shape.of(-1, 4));
      for (int rows : new int[] {1, 7, 2, 32, 1}) {
        float[] input = new float[rows * SmallNet.INPUTS];
        for (int i = 0; i < input.length; i++) {
          input[i] = random.nextFloat() * 4 - 2;
        }
        TensorData answer =
            Runs.once(model, TensorData.floats("data", Shape.of(rows, 3), input)).get("chances");
        assertThat(answer.shape()).isEqualTo(Shape.of(rows, 4));
        for (int row = 0; row < rows; row++) {
          double[] expected = net.chances(Arrays.copyOfRange(input, row * 3, row * 3 + 3));
          for (int i = 0; i < SmallNet.OUTPUTS; i++) {
            assertThat(answer.number(row * SmallNet.OUTPUTS + i))
                .as("seed %d, %d rows", SEED, rows)
                .isCloseTo(expected[i], within(1e-6));
          }
        }
      }
    }
  }

  @Test
  void inputsOfAnotherShapeAreTheCallersFault() throws Exception {
    try (LoadedModel model = load()) {
      for (Shape shape : new Shape[] {Shape.of(1, 4), Shape.of(3), Shape.of(0, 3)}) {
        TensorData input = TensorData.random("data", io.salver.tensor.DType.FLOAT32, shape, SEED);
        assertThatThrownBy(() -> Runs.once(model, input))
            .isInstanceOfSatisfying(
                ServingException.class,
                e -> assertThat(e.category()).isEqualTo(Category.INVALID_ARGUMENT))
            .hasMessageContaining(shape.toString());
      }
      assertThatThrownBy(() -> Runs.once(model))
          .isInstanceOf(ServingException.class)
          .hasMessageContaining("\"data\": missing");
    }
  }

  @Test
  void aRunAfterCloseIsRefused() throws Exception {
    LoadedModel model = load();
    model.close();
    assertThatThrownBy(() -> Runs.once(model, TensorData.floats("data", Shape.of(1, 3), 1, 2, 3)))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void oneFileAloneMayBeOnItsWay() throws Exception {
    Files.delete(version.resolve("model.caffemodel"));
    assertThat(ENGINE.inspect(new ModelFiles(version)))
        .isInstanceOfSatisfying(
            Inspection.Incomplete.class,
            inspection -> assertThat(inspection.reason()).contains("one .caffemodel beside it"));
    Files.delete(version.resolve("deploy.prototxt"));
    assertThat(ENGINE.inspect(new ModelFiles(version))).isInstanceOf(Inspection.NotMine.class);
  }

  @Test
  void weightsThatAreCutShortAreNotLoaded() throws Exception {
    byte[] whole = net.weights();
    for (int length = 1; length < whole.length; length += 7) {
      Files.write(version.resolve("model.caffemodel"), Arrays.copyOf(whole, length));
      assertThatThrownBy(this::load)
          .as("%d of %d bytes", length, whole.length)
          .isInstanceOf(ModelLoadException.class)
          .hasMessageContaining("model.caffemodel");
    }
    assertThat(ENGINE.inspect(new ModelFiles(version))).isInstanceOf(Inspection.Incomplete.class);
  }

  @Test
  void aBlobWithoutItsNumbersIsRefusedByName() throws Exception {
    Files.write(version.resolve("model.caffemodel"), net.weights(1 << 30));
    assertThatThrownBy(this::load)
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("layer \"scores\", blob 0: 12 numbers");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "layer {",
        "layer { name: \"a\" }",
        "input: \"data\"",
        "input: \"data\" input_shape { dim: 0 dim: 3 }",
        "input: \"data\" input_shape { dim: 2000000000 dim: 2000000000 }",
        "input: \"data\" input_dim: x",
        "layer { name: \"scores\" type: \"NoSuchLayer\" bottom: \"data\" top: \"scores\" }"
            + "input: \"data\" input_shape { dim: 1 dim: 3 }",
        "input: \"data\" input_shape { dim: 1 dim: 3 }"
            + "layer { name: \"scores\" type: \"InnerProduct\" bottom: \"nothing\" top: \"scores\""
            + " inner_product_param { num_output: 4 } }",
        "input: \"data\" input_shape { dim: 1 dim: 5 }"
            + "layer { name: \"scores\" type: \"InnerProduct\" bottom: \"data\" top: \"scores\""
            + " inner_product_param { num_output: 4 } }",
        "a { b { c { d { e { f { g { h { i { j { k { l { m { n { o { p { q { r { s { t { u { v {"
            + " w { x { y { z { a { b { c { d { e { f { g { h {",
      })
  void aDefinitionThatIsNoneIsRefused(String text) throws Exception {
    Files.writeString(version.resolve("deploy.prototxt"), text);
    assertThatThrownBy(this::load)
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("deploy.prototxt");
  }

  /** Whatever it says, the process goes on. */
  @Test
  void noChangedByteEndsTheProcess() throws Exception {
    Random random = new Random(SEED);
    byte[] whole = net.weights();
    for (int i = 0; i < 300; i++) {
      byte[] changed = whole.clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(version.resolve("model.caffemodel"), changed);
      try (LoadedModel model = load()) {
        Runs.once(model, TensorData.floats("data", Shape.of(1, 3), 1, 2, 3));
      } catch (ModelLoadException e) {
        assertThat(e).as("seed %d, change %d", SEED, i).hasMessageContaining("model.caffemodel");
      }
    }
  }
}
