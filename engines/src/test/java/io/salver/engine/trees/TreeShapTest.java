package io.salver.engine.trees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.salver.engine.LoadedModel;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.testkit.cases.TensorData;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contributions against Shapley's formula over all sets of features, on random trees. */
class TreeShapTest {
  private static final int FEATURES = 5;
  private static final int FORESTS = 60;

  @TempDir Path temporary;

  /** A tree of random splits, some of which no row of training came to. */
  private static TreeNodes tree(Random random) {
    int splits = random.nextInt(12);
    int count = 2 * splits + 1;
    int[] left = new int[count];
    int[] right = new int[count];
    int[] feature = new int[count];
    double[] value = new double[count];
    byte[] flags = new byte[count];
    double[] cover = new double[count];
    Arrays.fill(left, -1);
    int[] leaves = new int[count];
    int leafCount = 1;
    cover[0] = 64;
    for (int i = 0; i < splits; i++) {
      int at = random.nextInt(leafCount);
      int node = leaves[at];
      left[node] = 2 * i + 1;
      right[node] = 2 * i + 2;
      leaves[at] = left[node];
      leaves[leafCount++] = right[node];
      cover[left[node]] = Math.floor(cover[node] * random.nextInt(5) / 4);
      cover[right[node]] = cover[node] - cover[left[node]];
    }
    for (int i = 0; i < count; i++) {
      feature[i] = random.nextInt(FEATURES);
      value[i] = random.nextInt(33) / 4.0 - 4;
      flags[i] = (byte) (random.nextBoolean() ? Forest.NAN_LEFT : 0);
    }
    return new TreeNodes(left, right, feature, value, flags, null, cover, null);
  }

  /** The mean of a tree where only the features of a set are known. */
  private static double mean(TreeNodes tree, int node, double[] row, int known) {
    if (tree.left()[node] == -1) {
      return tree.value()[node];
    }
    int feature = tree.feature()[node];
    int left = tree.left()[node];
    int right = tree.right()[node];
    if ((known >> feature & 1) != 0) {
      boolean isLeft =
          Double.isNaN(row[feature])
              ? tree.flags()[node] == Forest.NAN_LEFT
              : row[feature] <= tree.value()[node];
      return mean(tree, isLeft ? left : right, row, known);
    }
    double[] cover = tree.cover();
    double share = cover[node] == 0 ? 0.5 : cover[left] / cover[node];
    double other = cover[node] == 0 ? 0.5 : cover[right] / cover[node];
    return share * mean(tree, left, row, known) + other * mean(tree, right, row, known);
  }

  private static double shapley(TreeNodes tree, double[] row, int feature) {
    double[] factorials = {1, 1, 2, 6, 24, 120};
    double sum = 0;
    for (int set = 0; set < 1 << FEATURES; set++) {
      if ((set >> feature & 1) == 0) {
        int size = Integer.bitCount(set);
        double weight = factorials[size] * factorials[FEATURES - size - 1] / factorials[FEATURES];
        sum += weight * (mean(tree, 0, row, set | 1 << feature) - mean(tree, 0, row, set));
      }
    }
    return sum;
  }

  @Test
  void contributionsAreShapleysValuesAndAddUpToTheSum() throws Exception {
    for (long seed = 0; seed < FORESTS; seed++) {
      Random random = new Random(seed);
      int groups = 1 + random.nextInt(3);
      TreeNodes[] trees = new TreeNodes[groups * (1 + random.nextInt(3))];
      ForestBuilder builder = new ForestBuilder(FEATURES, groups);
      for (int i = 0; i < trees.length; i++) {
        trees[i] = tree(random);
        builder.add(trees[i], i % groups);
      }
      double[] base = random.doubles(groups).toArray();
      Forest forest = builder.build(base, false);
      TreeShap explainer = forest.explainers().orElseThrow().get();
      for (int i = 0; i < 8; i++) {
        double[] row = new double[FEATURES];
        for (int j = 0; j < FEATURES; j++) {
          row[j] = random.nextInt(6) == 0 ? Double.NaN : random.nextInt(33) / 4.0 - 4;
        }
        double[] contributions = new double[groups * (FEATURES + 1)];
        explainer.explain(row, contributions);
        double[] sums = new double[groups];
        forest.score(row, 1, sums);
        for (int group = 0; group < groups; group++) {
          double total = 0;
          for (int j = 0; j <= FEATURES; j++) {
            double expected = j == FEATURES ? base[group] : 0;
            for (int t = group; t < trees.length; t += groups) {
              expected += j == FEATURES ? mean(trees[t], 0, row, 0) : shapley(trees[t], row, j);
            }
            double contribution = contributions[group * (FEATURES + 1) + j];
            assertThat(contribution)
                .as("seed %d, row %s, feature %d", seed, Arrays.toString(row), j)
                .isCloseTo(expected, within(1e-9));
            total += contribution;
          }
          assertThat(total).as("seed %d", seed).isCloseTo(sums[group], within(1e-9));
        }
      }
    }
  }

  @Test
  void aModelThatSaysHowManyRowsCameToItsNodesHasASignatureForContributions() throws Exception {
    String tree =
        """
        {"learner":{"attributes":{},"gradient_booster":{"model":{"gbtree_model_param":{},
        "tree_info":[0],"trees":[{"categories":[],"categories_nodes":[],"categories_segments":[],
        "categories_sizes":[],"default_left":[0,0,0],"left_children":[1,-1,-1],
        "right_children":[2,-1,-1],"split_conditions":[0.5,1,3],"split_indices":[1,0,0],
        "split_type":[0,0,0],"sum_hessian":[4,1,3],
        "tree_param":{"num_nodes":"3","size_leaf_vector":"1"}}]},
        "name":"gbtree"},"learner_model_param":{"base_score":"5E-1","num_class":"0",
        "num_feature":"2"},"objective":{"name":"reg:squarederror"}},"version":[2,0,3]}
        """;
    byte[] file = tree.getBytes(StandardCharsets.UTF_8);
    try (LoadedModel model = TreeRuns.load(temporary, "model.json", file)) {
      TensorData rows = TensorData.numbers("input-0", DType.FLOAT32, Shape.of(2, 2), 0, 0, 0, 1);
      TensorData contributions = TreeRuns.run(model, "contributions", rows);
      assertThat(contributions.shape()).isEqualTo(Shape.of(2, 3));
      assertThat(TreeRuns.numbers(contributions)).containsExactly(0, -1.5, 3, 0, 0.5, 3);
    }
    byte[] without = tree.replace("\"sum_hessian\":[4,1,3],", "").getBytes(StandardCharsets.UTF_8);
    try (LoadedModel model = TreeRuns.load(temporary, "model.json", without)) {
      assertThat(model.signatures()).containsOnlyKeys("serving_default");
    }
  }
}
