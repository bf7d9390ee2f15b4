package io.salver.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.catboost.CatBoostModel;
import io.salver.tensor.Signature;
import io.salver.testkit.cases.CatBoostFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Salver's trees against the libraries whose models they are. */
class TreesAgainstNativeTest {
  private static final int FEATURES = 6;
  private static final int ROWS = 400;

  @TempDir Path temporary;

  @Test
  void catboostsPredictorReadsTheSameOfItsFiles() throws Exception {
    for (long seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      CatBoostFiles made = CatBoostFiles.random(random, random.nextBoolean() ? 1 : 3);
      try (CatBoostModel model = CatBoostModel.loadModel(made.binary())) {
        for (int i = 0; i < 50; i++) {
          double[] row = CatBoostFiles.row(random);
          float[] floats = new float[row.length];
          for (int j = 0; j < row.length; j++) {
            floats[j] = (float) row[j];
          }
          double[] sums = made.sums(row);
          var predictions = model.predict(floats, new String[0]);
          for (int j = 0; j < sums.length; j++) {
            assertThat(predictions.get(0, j))
                .as("seed %d, row %d", seed, i)
                .isCloseTo(sums[j], within(1e-12));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reg:squarederror", "binary:logistic", "multi:softprob"})
  void contributionsAreXgboosts(String objective) throws Exception {
    Random random = new Random(3);
    float[] x = new float[ROWS * FEATURES];
    float[] y = new float[ROWS];
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < FEATURES; j++) {
        x[i * FEATURES + j] = random.nextInt(9) == 0 ? Float.NaN : (float) random.nextGaussian();
      }
      y[i] = random.nextInt(objective.startsWith("multi") ? 3 : 2);
    }
    DMatrix data = new DMatrix(x, ROWS, FEATURES, Float.NaN);
    data.setLabel(y);
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("objective", objective);
    parameters.put("max_depth", 5);
    parameters.put("nthread", 1);
    if (objective.startsWith("multi")) {
      parameters.put("num_class", 3);
    }
    Booster booster = XGBoost.train(data, parameters, 12, Map.of(), null, null);
    Path version = Files.createDirectories(temporary.resolve("version"));
    booster.saveModel(version.resolve("model.json").toString());
    float[][] expected = booster.predictContrib(data, 0);
    float[][] margins = booster.predict(data, true);
    try (TreesLoop trees = new TreesLoop(version)) {
      double[] contributions = trees.run("contributions", x, FEATURES);
      int width = expected[0].length;
      assertThat(contributions).hasSize(ROWS * width);
      for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < width; j++) {
          assertThat(contributions[i * width + j])
              .as("row %d, %d", i, j)
              .isCloseTo(expected[i][j], within(1e-6));
        }
        for (int group = 0; group < margins[0].length; group++) {
          double sum = 0;
          for (int j = 0; j <= FEATURES; j++) {
            sum += contributions[i * width + group * (FEATURES + 1) + j];
          }
          assertThat(sum).isCloseTo(margins[i][group], within(1e-5));
        }
      }
      assertThat(trees.run(Signature.DEFAULT_NAME, x, FEATURES)).hasSizeGreaterThanOrEqualTo(ROWS);
    }
  }
}
