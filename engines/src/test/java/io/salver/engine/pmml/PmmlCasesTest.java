package io.salver.engine.pmml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.salver.engine.LoadedModel;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.testkit.cases.SharedTestData;
import io.salver.testkit.cases.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The PMML models of the shared test data. */
class PmmlCasesTest {
  private static final String KSERVE =
      "D_other/pmml_kserve_iris/python/pmmlserver/pmmlserver/example_model/model";

  @TempDir Path temporary;
  private Path data = Path.of("");

  @BeforeEach
  void findData() {
    Optional<Path> found = SharedTestData.find();
    assumeTrue(found.isPresent(), SharedTestData.whyAbsent());
    data = found.orElseThrow();
  }

  private List<Map<String, Object>> iris() throws IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    List<String> lines = Files.readAllLines(data.resolve("D_other/pmml_spark_iris/iris.csv"));
    String[] names = lines.get(0).split(",");
    for (String line : lines.subList(1, lines.size()).stream().filter(l -> !l.isBlank()).toList()) {
      String[] words = line.split(",");
      Map<String, Object> row = new LinkedHashMap<>();
      for (int i = 0; i < names.length; i++) {
        row.put(names[i], i < 4 ? Double.valueOf(words[i]) : words[i]);
      }
      rows.add(row);
    }
    return rows;
  }

  @Test
  void irisOfKserveIsWhatItsTestSays() throws Exception {
    try (LoadedModel model = PmmlRuns.load(data.resolve(KSERVE))) {
      Map<String, Object> row =
          Map.of("Sepal_Length", 5.1, "Sepal_Width", 3.5, "Petal_Length", 1.4, "Petal_Width", 0.2);
      assertThat(PmmlRuns.run(model, List.of(row)).getFirst())
          .containsEntry("Species", "setosa")
          .containsEntry("Probability_setosa", 1.0)
          .containsEntry("Probability_versicolor", 0.0)
          .containsEntry("Probability_virginica", 0.0)
          .containsEntry("Node_Id", "2");
      TensorData rows =
          TensorData.numbers(
              PmmlModel.ROWS_INPUT, DType.FLOAT64, Shape.of(1, 4), 5.1, 3.5, 1.4, 0.2);
      Signature signature = PmmlRuns.signature(model, PmmlModel.ROWS);
      assertThat(PmmlRuns.run(model, signature, List.of(rows), 1).getFirst())
          .containsEntry("Species", "setosa");
    }
  }

  @Test
  void irisOfKserveIsRightAsOftenAsElsewhere() throws Exception {
    try (LoadedModel model = PmmlRuns.load(data.resolve(KSERVE))) {
      List<Map<String, Object>> rows = iris();
      List<Map<String, Object>> answers = PmmlRuns.run(model, rows);
      int right = 0;
      for (int i = 0; i < rows.size(); i++) {
        right += rows.get(i).get("Species").equals("Iris-" + answers.get(i).get("Species")) ? 1 : 0;
      }
      assertThat(right).isEqualTo(144);
    }
  }

  @Test
  void aFlowerOutsideOfWhatTheModelSaysIsValidIsRefused() throws Exception {
    try (LoadedModel model = PmmlRuns.load(data.resolve(KSERVE))) {
      assertThatThrownBy(() -> PmmlRuns.run(model, List.of(Map.of("Sepal_Length", 9.5))))
          .isInstanceOf(ServingException.class)
          .hasMessage("Sepal_Length: 9.5 (expected: [4.3, 7.9])");
    }
  }

  @Test
  void irisOfSparkIsRightForAllFlowers() throws Exception {
    Path file = data.resolve("D_other/pmml_spark_iris/DecisionTreeIris.pmml");
    try (LoadedModel model = PmmlRuns.load(temporary, Files.readString(file))) {
      List<Map<String, Object>> rows = iris();
      List<Map<String, Object>> answers = PmmlRuns.run(model, rows);
      List<String> kinds = List.of("Iris-setosa", "Iris-versicolor", "Iris-virginica");
      for (int i = 0; i < rows.size(); i++) {
        String species = (String) rows.get(i).get("Species");
        assertThat(answers.get(i))
            .as("row %d", i)
            .containsEntry("Species", species)
            .containsEntry("prediction", (double) kinds.indexOf(species))
            .containsEntry("probability(" + species + ")", 1.0);
      }
    }
  }
}
