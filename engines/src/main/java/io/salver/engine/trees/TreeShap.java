package io.salver.engine.trees;

import java.util.Arrays;

/**
 * What each feature of a row contributes to the sums of a forest: its Shapley value, where a
 * feature that is not known lets a row go both ways, weighed by the rows that training saw there.
 * Exact, in time of leaves times the square of the depth (Lundberg et al., From local explanations
 * to global understanding with explainable AI for trees, Nature Machine Intelligence 2, 2020,
 * algorithm 2; its "path-dependent" form, which XGBoost and LightGBM compute as well).
 *
 * <p>Features' contributions and a bias add up to the sum of the row.
 *
 * <p>Used by one thread. What it calls itself for is bounded by {@link #MAX_DEPTH}.
 */
final class TreeShap {
  /** Trees that are deeper are not explained: a path takes memory by the square of its length. */
  static final int MAX_DEPTH = 256;

  private final Forest forest;
  private final Covers covers;

  /**
   * By element of a path: its feature, what goes on from it if that feature is not known (zero) or
   * known (one), and the weight of the sets of its number of features. The path of a node lies
   * behind that of its parent.
   */
  private final int[] features;

  private final double[] zeros;
  private final double[] ones;
  private final double[] weights;

  private double[] row = {};
  private double[] sums = {};
  private int to;

  /** An explainer of {@code forest}. */
  TreeShap(Forest forest, Covers covers) {
    this.forest = forest;
    this.covers = covers;
    int longest = covers.depth() + 3;
    int size = longest * (longest + 1) / 2;
    features = new int[size];
    zeros = new double[size];
    ones = new double[size];
    weights = new double[size];
  }

  /**
   * Adds up the contributions of a row.
   *
   * @param row {@code [featureCount]}; NaN where a value is missing
   * @param sums set to {@code [groupCount, featureCount + 1]}, the last of each group its bias
   */
  void explain(double[] row, double[] sums) {
    int width = forest.featureCount() + 1;
    this.row = row;
    this.sums = sums;
    for (int group = 0; group < forest.groupCount(); group++) {
      to = group * width;
      Arrays.fill(sums, to, to + width, 0);
      sums[to + width - 1] = forest.base(group);
    }
    for (int tree = 0; tree < forest.treeCount(); tree++) {
      to = forest.group(tree) * width;
      sums[to + width - 1] += covers.mean(tree);
      visit(forest.root(tree), 0, 0, 1, 1, -1);
    }
  }

  /**
   * Follows all ways from a node.
   *
   * @param length of the path to it
   * @param parentPath where its parent's path begins
   * @param zero the share of rows that come here from the parent, where the split is not known
   * @param one 1 if the row comes here, where it is
   * @param feature of the parent's split
   */
  private void visit(int node, int length, int parentPath, double zero, double one, int feature) {
    int path = parentPath + length + 1;
    System.arraycopy(features, parentPath, features, path, length);
    System.arraycopy(zeros, parentPath, zeros, path, length);
    System.arraycopy(ones, parentPath, ones, path, length);
    System.arraycopy(weights, parentPath, weights, path, length);
    extend(path, length, zero, one, feature);
    if (forest.isLeaf(node)) {
      for (int i = 1; i <= length; i++) {
        double weight = weightWithout(path, length, i);
        sums[to + features[path + i]] +=
            weight * (ones[path + i] - zeros[path + i]) * forest.value(node);
      }
      return;
    }
    int split = forest.feature(node);
    int left = forest.leftChild(node);
    int hot = forest.isLeft(node, row) ? left : left + 1;
    int cold = left + left + 1 - hot;
    double zeroSoFar = 1;
    double oneSoFar = 1;
    int used = length;
    for (int i = 1; i <= length; i++) {
      if (features[path + i] == split) {
        zeroSoFar = zeros[path + i];
        oneSoFar = ones[path + i];
        remove(path, length, i);
        used--;
        break;
      }
    }
    go(hot, node, used, path, zeroSoFar, oneSoFar, split);
    go(cold, node, used, path, zeroSoFar, 0, split);
  }

  private void go(
      int child, int node, int length, int path, double zeroSoFar, double one, int split) {
    double zero = zeroSoFar * covers.share(child, node);
    // Where no row of training went and this one does not go either, nothing is added.
    if (zero != 0 || one != 0) {
      visit(child, length + 1, path, zero, one, split);
    }
  }

  /** Appends an element: sets grow by it or do not. */
  private void extend(int path, int length, double zero, double one, int feature) {
    features[path + length] = feature;
    zeros[path + length] = zero;
    ones[path + length] = one;
    weights[path + length] = length == 0 ? 1 : 0;
    for (int i = length - 1; i >= 0; i--) {
      double weight = weights[path + i];
      weights[path + i + 1] += one * weight * (i + 1) / (length + 1);
      weights[path + i] = zero * weight * (length - i) / (length + 1);
    }
  }

  /** Takes an element out again. */
  private void remove(int path, int length, int index) {
    double one = ones[path + index];
    double zero = zeros[path + index];
    double next = weights[path + length];
    for (int i = length - 1; i >= 0; i--) {
      if (one != 0) {
        double weight = weights[path + i];
        weights[path + i] = next * (length + 1) / ((i + 1) * one);
        next = weight - weights[path + i] * zero * (length - i) / (length + 1);
      } else {
        weights[path + i] = weights[path + i] * (length + 1) / (zero * (length - i));
      }
    }
    int moved = length - index;
    System.arraycopy(features, path + index + 1, features, path + index, moved);
    System.arraycopy(zeros, path + index + 1, zeros, path + index, moved);
    System.arraycopy(ones, path + index + 1, ones, path + index, moved);
  }

  /** The weights' sum with an element taken out. */
  private double weightWithout(int path, int length, int index) {
    double one = ones[path + index];
    double zero = zeros[path + index];
    double next = weights[path + length];
    double total = 0;
    for (int i = length - 1; i >= 0; i--) {
      double weight;
      if (one != 0) {
        weight = next * (length + 1) / ((i + 1) * one);
        next = weights[path + i] - weight * zero * (length - i) / (length + 1);
      } else {
        weight = weights[path + i] * (length + 1) / (zero * (length - i));
      }
      total += weight;
    }
    return total;
  }
}
