package io.salver.engine.trees;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.engine.LoadedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The flat arrays against plain recursion, on random trees in every format. */
class TreesOracleTest {
  private static final int FORESTS = 40;
  private static final int ROWS = 150;

  @TempDir Path temporary;

  private static List<double[]> rows(Random random) {
    List<double[]> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      rows.add(RandomTrees.row(random));
    }
    return rows;
  }

  private static double[] xgboost(List<RandomTrees.Node> trees, List<double[]> rows) {
    return rows.stream()
        .mapToDouble(row -> {
          float sum = 0.25f;
          for (RandomTrees.Node tree : trees) {
            sum += RandomTrees.xgboost(tree, row);
          }
          return sum;
        })
        .toArray();
  }

  @Test
  void xgboostJsonAndUbjsonAreWhatRecursionSays() throws Exception {
    for (long seed = 0; seed < FORESTS; seed++) {
      Random random = new Random(seed);
      List<RandomTrees.Node> trees = RandomTrees.forest(random, 1 + random.nextInt(20), true);
      List<double[]> rows = rows(random);
      double[] expected = xgboost(trees, rows);
      byte[] json = RandomTrees.json(trees, "reg:squarederror", "2.5E-1", 0);
      byte[] ubjson = RandomTrees.ubjson(JsonReader.read(json), random);
      try (LoadedModel model = TreeRuns.load(temporary, "model.json", json);
          LoadedModel same = TreeRuns.load(temporary, "model.ubj", ubjson)) {
        assertThat(TreeRuns.answers(model, rows)).as("seed %d", seed).containsExactly(expected);
        assertThat(TreeRuns.answers(same, rows)).as("seed %d", seed).containsExactly(expected);
      }
    }
  }

  @Test
  void xgboostsOldFormatIsWhatRecursionSays() throws Exception {
    for (long seed = 0; seed < FORESTS; seed++) {
      Random random = new Random(seed);
      List<RandomTrees.Node> trees = RandomTrees.forest(random, 1 + random.nextInt(20), false);
      List<double[]> rows = rows(random);
      byte[] file = RandomTrees.binary(trees, "reg:squarederror", 0.25f);
      byte[] unmarked = java.util.Arrays.copyOfRange(file, 4, file.length);
      for (byte[] content : List.of(file, unmarked)) {
        try (LoadedModel model = TreeRuns.load(temporary, "model.bst", content)) {
          assertThat(TreeRuns.answers(model, rows))
              .as("seed %d", seed)
              .containsExactly(xgboost(trees, rows));
        }
      }
    }
  }

  @Test
  void lightgbmIsWhatRecursionSays() throws Exception {
    for (long seed = 0; seed < FORESTS; seed++) {
      Random random = new Random(seed);
      List<RandomTrees.Node> trees = RandomTrees.forest(random, 1 + random.nextInt(20), true);
      List<double[]> rows = rows(random);
      double[] expected =
          rows.stream()
              .mapToDouble(row -> {
                double sum = 0;
                for (RandomTrees.Node tree : trees) {
                  sum += RandomTrees.lightgbm(tree, row);
                }
                return sum;
              })
              .toArray();
      byte[] text = RandomTrees.text(trees, "regression", 1);
      try (LoadedModel model = TreeRuns.load(temporary, "model.txt", text)) {
        assertThat(TreeRuns.answers(model, rows)).as("seed %d", seed).containsExactly(expected);
      }
    }
  }

  @Test
  void aRowAloneHasTheAnswerThatItHasAmongOthers() throws Exception {
    Random random = new Random(3);
    List<RandomTrees.Node> trees = RandomTrees.forest(random, 12, true);
    List<double[]> rows = rows(random);
    byte[] json = RandomTrees.json(trees, "multi:softprob", "5E-1", 3);
    try (LoadedModel model = TreeRuns.load(temporary, "model.json", json)) {
      double[] together = TreeRuns.answers(model, rows);
      for (int i = 0; i < rows.size(); i++) {
        double[] own = java.util.Arrays.copyOfRange(together, 3 * i, 3 * i + 3);
        assertThat(TreeRuns.answers(model, rows.get(i))).containsExactly(own);
        assertThat(own[0] + own[1] + own[2]).isBetween(1 - 1e-6, 1 + 1e-6);
      }
    }
  }
}
