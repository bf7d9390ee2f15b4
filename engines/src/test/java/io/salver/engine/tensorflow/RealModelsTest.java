package io.salver.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.tensor.Shape;
import io.salver.testkit.cases.ArrayTensor;
import io.salver.testkit.cases.Examples;
import io.salver.testkit.cases.SharedTestData;
import io.salver.testkit.cases.TaxiTrips;
import io.salver.testkit.cases.TaxiTrips.Trip;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Models of others whose answers are known by what they must have in common. */
class RealModelsTest {
  private static final float TOLERANCE = 1e-5f;

  private final TensorFlowEngine engine = new TensorFlowEngine();
  private Path data = Path.of("");

  @BeforeEach
  void findData() {
    assumeTrue(SharedTestData.find().isPresent(), SharedTestData::whyAbsent);
    data = SharedTestData.find().orElseThrow();
  }

  private LoadedModel load(String directory) throws Exception {
    return engine.load(
        new ModelFiles(data.resolve("A_savedmodel").resolve(directory)), EngineOptions.DEFAULT);
  }

  private static float[] floats(Map<String, ArrayTensor> outputs, String name) {
    return (float[]) ModelRun.output(outputs, name).elements();
  }

  private static void assertRowsAddUpToOne(float[] values, int columns) {
    for (int row = 0; row < values.length; row += columns) {
      float sum = 0;
      for (int i = row; i < row + columns; i++) {
        assertThat(values[i]).isBetween(0f, 1f);
        sum += values[i];
      }
      assertThat(sum).isCloseTo(1, within(TOLERANCE));
    }
  }

  @Test
  void taxiTripsAreClassifiedAlikeByEverySignatureAndRowByRow() throws Exception {
    List<Trip> trips = TaxiTrips.first(data, 300);
    ArrayTensor examples =
        ArrayTensor.strings(
            Shape.of(trips.size()), trips.stream().map(Trip::example).toArray(byte[][]::new));
    try (LoadedModel model = load("tfx_chicago_taxi_export/1646034756")) {
      Map<String, ArrayTensor> classified =
          ModelRun.run(model, "classification", Map.of("inputs", examples));
      float[] scores = floats(classified, "scores");
      assertRowsAddUpToOne(scores, 2);
      byte[][] classes = (byte[][]) ModelRun.output(classified, "classes").elements();
      assertThat(new String(classes[599], StandardCharsets.UTF_8)).isEqualTo("1");
      Map<String, ArrayTensor> predicted =
          ModelRun.run(model, "predict", Map.of("examples", examples));
      assertThat(floats(predicted, "probabilities")).containsExactly(scores, within(0f));
      float[] chance =
          floats(ModelRun.run(model, "regression", Map.of("inputs", examples)), "outputs");
      for (int i = 0; i < chance.length; i++) {
        assertThat(chance[i]).isCloseTo(scores[2 * i + 1], within(TOLERANCE));
      }
      ArrayTensor one = ArrayTensor.strings(Shape.of(1), trips.get(7).example());
      assertThat(floats(ModelRun.run(model, "regression", Map.of("inputs", one)), "outputs")[0])
          .isCloseTo(chance[7], within(TOLERANCE));
      assertThat(mean(trips, chance, true)).isGreaterThan(mean(trips, chance, false));
    }
  }

  private static double mean(List<Trip> trips, float[] chance, boolean generous) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < chance.length; i++) {
      if (trips.get(i).generous() == generous) {
        sum += chance[i];
        count++;
      }
    }
    return sum / count;
  }

  @Test
  void penguinsAreTold() throws Exception {
    List<String> lines =
        Files.readAllLines(data.resolve("E_data/tfx_penguin_skew/labelled/penguins_processed.csv"));
    String[] names = lines.getFirst().split(",", -1);
    List<byte[]> examples = new ArrayList<>();
    List<Integer> species = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] values = line.split(",", -1);
      species.add(Integer.valueOf(values[0]));
      examples.add(
          Examples.of(
              Map.of(
                  names[1], Float.valueOf(values[1]),
                  names[2], Float.valueOf(values[2]),
                  names[3], Float.valueOf(values[3]),
                  names[4], Float.valueOf(values[4]))));
    }
    ArrayTensor input =
        ArrayTensor.strings(Shape.of(examples.size()), examples.toArray(byte[][]::new));
    try (LoadedModel model = load("tfx_penguin_keras/Format-Serving")) {
      float[] scores =
          floats(ModelRun.run(model, "serving_default", Map.of("examples", input)), "output_0");
      assertRowsAddUpToOne(scores, 3);
      int right = 0;
      for (int i = 0; i < species.size(); i++) {
        right += argMax(scores, 3 * i, 3) == species.get(i) ? 1 : 0;
      }
      assertThat(right).isGreaterThan(species.size() * 9 / 10);
    }
  }

  private static int argMax(float[] values, int from, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      best = values[from + i] > values[from + best] ? i : best;
    }
    return best;
  }

  @Test
  void pictureFilesAreClassified() throws Exception {
    byte[] photo = Files.readAllBytes(data.resolve("F_images/coral_photos/owl.jpg"));
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(photo);
    try (LoadedModel model = load("sts_deep_image_model/deep_image_model/1")) {
      Map<String, ArrayTensor> two =
          ModelRun.run(
              model,
              "serving_default",
              Map.of("images", ArrayTensor.texts(Shape.of(2), text, text)));
      float[] softmax = floats(two, "softmax");
      assertThat(softmax).hasSize(34);
      assertRowsAddUpToOne(softmax, 17);
      assertThat(Arrays.copyOf(softmax, 17))
          .containsExactly(Arrays.copyOfRange(softmax, 17, 34), within(TOLERANCE));
      long[] prediction = (long[]) ModelRun.output(two, "prediction").elements();
      assertThat(prediction[0]).isEqualTo(argMax(softmax, 0, 17));
    }
  }

  @Test
  void silenceIsHeardAsSilence() throws Exception {
    try (LoadedModel model = load("mlcommons_kws_savedmodel/kws_ref_model")) {
      ArrayTensor silence = ArrayTensor.floats(Shape.of(1, 49, 10, 1), new float[490]);
      float[] words =
          floats(ModelRun.run(model, "serving_default", Map.of("input_1", silence)), "dense");
      assertThat(model.metadata(TensorFlowEngine.REFUSED_SIGNATURES)).isEmpty();
      assertRowsAddUpToOne(words, 12);
      assertThat(argMax(words, 0, 12)).isEqualTo(11);
      assertThat(words[11]).isCloseTo(0.7885022f, within(TOLERANCE));
    }
  }

  @Test
  void twoVersionsOfOneModelAnswerDifferently() throws Exception {
    Map<String, ArrayTensor> inputs =
        Map.of(
            "keys", ArrayTensor.ints(Shape.of(1, 1), 1),
            "features", ArrayTensor.floats(Shape.of(1, 9), 10, 8, 7, 4, 3, 10, 7, 9, 1));
    String base =
        "sts_template_application_2_versions/models/tensorflow_template_application_model/";
    try (LoadedModel first = load(base + "1");
        LoadedModel second = load(base + "2")) {
      float[] one = floats(ModelRun.run(first, "serving_default", inputs), "softmax");
      float[] two = floats(ModelRun.run(second, "serving_default", inputs), "softmax");
      assertRowsAddUpToOne(one, 2);
      assertRowsAddUpToOne(two, 2);
      assertThat(one).isNotEqualTo(two);
    }
  }

  @Test
  void theUuidOfMlMetadataIsTheFiles() throws Exception {
    try (LoadedModel model =
        load("tfs_half_plus_two_mlmd/saved_model_half_plus_two_mlmd/00000123")) {
      assertThat(model.metadata(TensorFlowEngine.MLMD_UUID))
          .hasValue("test_mlmd_uuid".getBytes(StandardCharsets.UTF_8));
    }
  }
}
