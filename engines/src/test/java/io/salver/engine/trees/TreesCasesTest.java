package io.salver.engine.trees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.salver.engine.LoadedModel;
import io.salver.engine.ModelLoadException;
import io.salver.testkit.cases.SharedTestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The models of XGBoost and LightGBM of the shared test data. */
class TreesCasesTest {
  private static final double NEAR = 1e-8;

  @TempDir Path temporary;
  private Path data = Path.of("");

  @BeforeEach
  void findData() {
    Optional<Path> found = SharedTestData.find();
    assumeTrue(found.isPresent(), SharedTestData.whyAbsent());
    data = found.orElseThrow();
  }

  private LoadedModel load(String path) throws IOException, ModelLoadException {
    Path file = data.resolve("D_other").resolve(path);
    return TreeRuns.load(temporary, file.getFileName().toString(), Files.readAllBytes(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bst_model/model.bst", "json_model/model.json", "ubj_model/model.ubj"})
  void irisOfXgboostIsTheSameInItsThreeFormats(String file) throws Exception {
    String directory = "xgb_kserve_iris/python/xgbserver/xgbserver/example_model/";
    try (LoadedModel model = load(directory + file)) {
      double[][] rows = {{5.1, 3.5, 1.4, 0.2}, {6.8, 2.8, 4.8, 1.4}, {6.0, 3.4, 4.5, 1.6}};
      assertThat(TreeRuns.answers(model, rows)).containsExactly(0, 1, 1);
    }
  }

  @Test
  void mushroomsAreToldApartAsOftenAsByXgboost() throws Exception {
    try (LoadedModel model = load("xgb_mlserver_mushroom/xgboost/mushroom-xgboost.json")) {
      List<double[]> rows = new ArrayList<>();
      List<Boolean> labels = new ArrayList<>();
      for (String line : Files.readAllLines(data.resolve("E_data/agaricus/agaricus.txt.test"))) {
        String[] words = line.split(" ");
        labels.add(words[0].equals("1"));
        rows.add(sparse(words, 126, 1));
      }
      double[] answers = TreeRuns.answers(model, rows);
      int right = 0;
      for (int i = 0; i < answers.length; i++) {
        right += answers[i] > 0.5 == labels.get(i) ? 1 : 0;
      }
      assertThat(answers).hasSize(1611);
      assertThat(right).isEqualTo(1576);
    }
  }

  /** A row of LibSVM's format; what it does not mention is missing. */
  private static double[] sparse(String[] words, int featureCount, int firstIndex) {
    double[] row = new double[featureCount];
    Arrays.fill(row, Double.NaN);
    for (int i = 1; i < words.length; i++) {
      String[] pair = words[i].split(":");
      row[Integer.parseInt(pair[0]) - firstIndex] = Double.parseDouble(pair[1]);
    }
    return row;
  }

  @Test
  void breastCancerIsWhatTheDumpOfTheSameTreesSays() throws Exception {
    Value dump =
        JsonReader.read(
            Files.readAllBytes(data.resolve("D_other/xgb_vespa/binary_breast_cancer.json")));
    long seed = 11;
    Random random = new Random(seed);
    try (LoadedModel model = load("xgb_vespa/binary_breast_cancer.ubj")) {
      for (int i = 0; i < 200; i++) {
        double[] row = new double[30];
        for (int j = 0; j < row.length; j++) {
          row[j] = random.nextInt(10) == 0 ? Double.NaN : (float) (random.nextDouble() * 20);
        }
        float sum = -(float) Math.log(1 / 0.6274165f - 1);
        for (Field tree : new Field(dump, "").elements()) {
          sum += dumped(tree, row);
        }
        float expected = (float) (1 / (1 + Math.exp(-sum)));
        assertThat(TreeRuns.answers(model, row)[0])
            .as("seed %d, row %d", seed, i)
            .isCloseTo(expected, within(1e-7));
      }
    }
  }

  private static float dumped(Field node, double[] row) throws ModelLoadException {
    Optional<Field> leaf = node.find("leaf");
    if (leaf.isPresent()) {
      return (float) number(leaf.get());
    }
    String name = node.member("split").text();
    double x = row[Integer.parseInt(name.substring(name.lastIndexOf('_') + 1))];
    String way =
        Double.isNaN(x)
            ? "missing"
            : (float) x < (float) number(node.member("split_condition")) ? "yes" : "no";
    double next = number(node.member(way));
    for (Field child : node.member("children").elements()) {
      if (number(child.member("nodeid")) == next) {
        return dumped(child, row);
      }
    }
    throw new AssertionError("no child " + next);
  }

  private static double number(Field field) {
    return ((Value.Single) field.value()).number();
  }

  @ParameterizedTest
  @ValueSource(strings = {"xgboost.test.json", "xgboost.2.2.json", "binary_breast_cancer.json"})
  void aDumpOfTreesIsRefusedForWhatItLacks(String file) {
    assertThatThrownBy(() -> load("xgb_vespa/" + file).close())
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining(file)
        .hasMessageContaining("Booster.save_model");
  }

  @Test
  void sparksDirectoryOfAnOldModelIsServed() throws Exception {
    try (LoadedModel model = TreeRuns.load(data.resolve("D_other/xgb_spark_082"))) {
      double[] row = new double[251];
      assertThat(TreeRuns.answers(model, row)).hasSize(1).doesNotContain(Double.NaN);
    }
  }

  @Test
  void irisOfLightgbmIsWhatKservesTestSays() throws Exception {
    try (LoadedModel model =
        load("lgbm_kserve_iris/python/lgbserver/lgbserver/example_model/model/model.bst")) {
      double[][] rows = {{6.8, 2.8, 4.8, 1.6}, {6.0, 3.4, 4.5, 1.6}};
      assertThat(TreeRuns.answers(model, rows))
          .containsExactly(
              new double[] {
                3.7899802486733807e-06,
                0.9996982074114203,
                0.00029800260833088297,
                5.2172911836629736e-05,
                0.99973341723876,
                0.000214409849403366
              },
              within(NEAR));
    }
  }

  @Test
  void irisOfMlserverIsWhatLightgbmSays() throws Exception {
    try (LoadedModel model = load("lgbm_mlserver_iris/iris-lightgbm.bst")) {
      assertThat(TreeRuns.answers(model, new double[] {6.8, 2.8, 4.8, 1.6}))
          .containsExactly(new double[] {3.4866e-4, 0.8892504, 0.1104010}, within(1e-7));
    }
  }

  @Test
  void toyCategoricalIsWhatLightgbmSaysToTheLastBit() throws Exception {
    Path directory = data.resolve("D_other/lgbm_treelite_toy_categorical");
    List<double[]> rows = new ArrayList<>();
    for (String line : Files.readAllLines(directory.resolve("toy_categorical.test"))) {
      rows.add(sparse(line.split(" "), 2, 0));
    }
    double[] expected =
        Files.readAllLines(directory.resolve("toy_categorical.test.pred")).stream()
            .filter(line -> !line.isBlank())
            .mapToDouble(Double::parseDouble)
            .toArray();
    try (LoadedModel model = load("lgbm_treelite_toy_categorical/toy_categorical_model.txt")) {
      assertThat(TreeRuns.signature(model).inputs().get(0).name()).isEqualTo("input-0");
      assertThat(expected).hasSize(180);
      assertThat(TreeRuns.answers(model, rows)).containsExactly(expected);
    }
  }
}
