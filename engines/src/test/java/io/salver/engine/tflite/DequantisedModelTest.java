package io.salver.engine.tflite;

import static io.salver.testkit.cases.FlatWriter.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import io.salver.testkit.cases.Runs;
import io.salver.testkit.cases.SharedTestData;
import io.salver.testkit.cases.TensorData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DequantisedModelTest {
  private static final long SEED = 20_261_127;

  @TempDir Path version;
  private final TfliteEngine engine = new TfliteEngine(2);

  /** Gives back four elements, which stand for numbers in one way where they go in and come out. */
  private static Models copy(byte type, float scale, int zeroPoint) {
    Models models = new Models();
    int in = models.tensor("in", type, 0, 4);
    int shape = models.tensor("shape", Models.INT32, models.buffer(Models.ints(4)), 1);
    int out = models.tensor("out", type, 0, 4);
    for (int tensor : new int[] {in, out}) {
      models.tensors.get(tensor).put(4, table(2, new float[] {scale}, 3, new long[] {zeroPoint}));
    }
    models.operator(models.code(Models.RESHAPE), new int[] {in, shape}, out);
    models.ends(new int[] {in}, out);
    return models;
  }

  private LoadedModel load(Models models, boolean dequantize) throws Exception {
    Files.write(version.resolve("model.tflite"), models.write());
    return engine.load(new ModelFiles(version), EngineOptions.DEFAULT.withDequantize(dequantize));
  }

  @ParameterizedTest
  @CsvSource({"9, INT8, -128, 127", "3, UINT8, 0, 255", "7, INT16, -32768, 32767"})
  void numbersAreTheNearestThatIntegersStandFor(byte type, DType dtype, int least, int most)
      throws Exception {
    float scale = 0.05f;
    int zeroPoint = type == 7 ? 0 : 3;
    Models models = copy(type, scale, zeroPoint);
    try (LoadedModel raw = load(models, false)) {
      assertThat(Runs.signature(raw).inputs().getFirst().dtype()).isEqualTo(dtype);
    }
    try (LoadedModel model = load(models, true)) {
      Signature signature = Runs.signature(model);
      assertThat(signature.inputs())
          .containsExactly(TensorSpec.of("in", DType.FLOAT32, Shape.of(4)));
      assertThat(signature.outputs())
          .containsExactly(TensorSpec.of("out", DType.FLOAT32, Shape.of(4)));
      float low = scale * (least - zeroPoint);
      float high = scale * (most - zeroPoint);
      TensorData bounds = TensorData.floats("in", Shape.of(4), -1e9f, 1e9f, 0, Float.NaN);
      assertThat(numbers(Runs.once(model, bounds))).containsExactly(low, high, 0, 0);
      Random random = new Random(SEED);
      for (int i = 0; i < 100; i++) {
        float[] x = new float[4];
        for (int e = 0; e < x.length; e++) {
          x[e] = low + random.nextFloat() * (high - low);
        }
        float[] y = numbers(Runs.once(model, TensorData.floats("in", Shape.of(4), x)));
        for (int e = 0; e < x.length; e++) {
          assertThat(y[e]).as("seed %d", SEED).isCloseTo(x[e], within(scale / 2 + high * 1e-6f));
        }
        assertThat(numbers(Runs.once(model, TensorData.floats("in", Shape.of(4), y))))
            .containsExactly(y);
      }
      Signature other = new Signature("other", "", signature.inputs(), signature.outputs());
      assertThat(numbers(Runs.once(model, other, List.of(bounds)))).contains(low, high);
    }
  }

  private static float[] numbers(Map<String, TensorData> outputs) {
    TensorData out = outputs.get("out");
    float[] numbers = new float[(int) out.shape().elementCount()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) out.number(i);
    }
    return numbers;
  }

  @Test
  void theFileSaysWhatIntegersStandFor() throws Exception {
    Files.write(version.resolve("model.tflite"), copy(Models.INT8, 0.5f, 3).write());
    assertThat(engine.describe(new ModelFiles(version)))
        .containsEntry("operators", "RESHAPE")
        .containsEntry("quantised", "in = 0.5 * (INT8 - 3), out = 0.5 * (INT8 - 3)");
  }

  @Test
  void whereNothingIsQuantisedItIsRefused() {
    assertThatThrownBy(() -> load(Models.halfPlusTwo(), true))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageEndingWith(
            "dequantize: true for a model without quantised inputs or outputs (expected: UINT8,"
                + " INT8 or INT16 with one scale)");
    assertThat(TfliteEngine.liveInterpreters()).isZero();
  }

  @Test
  void halvesAreRoundedAwayFromZero() {
    Quantisation by = new Quantisation(1, 0);
    assertThat(by.quantise(2.5f, -9, 9)).isEqualTo(3);
    assertThat(by.quantise(-2.5f, -9, 9)).isEqualTo(-3);
    assertThat(by.quantise(-2.4f, -9, 9)).isEqualTo(-2);
  }

  /** The same network with 8-bit integers and with floats: it learned the sine. */
  @Test
  void aNetworkOfIntegersAnswersWhatTheSameOneOfFloatsDoes() throws Exception {
    Optional<Path> shared = SharedTestData.find();
    assumeTrue(shared.isPresent(), SharedTestData.whyAbsent());
    Path model = shared.get().resolve("C_tflite/tflm_hello_world/hello_world_int8.tflite");
    Files.copy(model, version.resolve("model.tflite"));
    try (LoadedModel loaded =
        engine.load(new ModelFiles(version), EngineOptions.DEFAULT.withDequantize(true))) {
      Signature signature = Runs.signature(loaded);
      String in = signature.inputs().getFirst().name();
      for (float x = 0; x < 6; x += 0.25f) {
        TensorData y =
            Runs.once(loaded, TensorData.floats(in, Shape.of(1, 1), x)).values().iterator().next();
        assertThat(y.dtype()).isEqualTo(DType.FLOAT32);
        assertThat(y.number(0)).isCloseTo(Math.sin(x), within(0.15));
      }
    }
  }
}
