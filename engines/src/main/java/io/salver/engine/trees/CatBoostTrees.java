package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import io.salver.tensor.DType;
import java.util.Arrays;

/**
 * CatBoost's oblivious trees, from which a {@link Forest} is built: all nodes of a level ask the
 * same question, and the answers are the bits of the leaf's number, the first question's the
 * lowest.
 */
final class CatBoostTrees {
  /** CatBoost's own bound. */
  private static final int MAX_DEPTH = 16;

  /** More sums than any row of a sensible model has; bounds what a broken count allocates. */
  private static final int MAX_DIMENSION = 1 << 16;

  private final int dimension;
  private final ForestBuilder builder;
  private int treeCount;

  /**
   * No trees yet.
   *
   * @param featureCount of a row
   * @param dimension the sums of a row
   */
  CatBoostTrees(int featureCount, int dimension) throws ModelLoadException {
    if (dimension < 1 || dimension > MAX_DIMENSION) {
      throw new ModelLoadException(
          "dimension: " + dimension + " (expected: 1 to " + MAX_DIMENSION + ")");
    }
    this.dimension = dimension;
    this.builder = new ForestBuilder(featureCount, dimension);
  }

  /**
   * A question: whether a feature is greater than a border.
   *
   * @param isNanGreater whether NaN is
   */
  record Split(int feature, float border, boolean isNanGreater) {}

  /**
   * Appends a tree.
   *
   * @param values holds the leaves' values, {@code [leaves, dimension]}, from {@code from}
   */
  void add(Split[] splits, double[] values, int from) throws ModelLoadException {
    if (splits.length > MAX_DEPTH) {
      throw new ModelLoadException(
          "tree "
              + treeCount
              + ": "
              + splits.length
              + " splits (expected: at most "
              + MAX_DEPTH
              + ")");
    }
    int leafCount = 1 << splits.length;
    if ((long) from + (long) leafCount * dimension > values.length) {
      throw new ModelLoadException(
          "tree "
              + treeCount
              + ": "
              + (values.length - from)
              + " values for its leaves (expected: "
              + (long) leafCount * dimension
              + ")");
    }
    for (int group = 0; group < dimension; group++) {
      builder.add(nodes(splits, values, from + group), group);
    }
    treeCount++;
  }

  /** A binary heap: the children of node {@code i} are {@code 2 i + 1} and {@code 2 i + 2}. */
  private TreeNodes nodes(Split[] splits, double[] values, int from) {
    int splitCount = (1 << splits.length) - 1;
    int count = 2 * splitCount + 1;
    int[] left = new int[count];
    int[] right = new int[count];
    int[] feature = new int[count];
    double[] value = new double[count];
    byte[] flags = new byte[count];
    Arrays.fill(left, splitCount, count, -1);
    for (int node = 0; node < splitCount; node++) {
      // The root asks the last question, which is the highest bit of the leaf's number.
      int level = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(node + 1);
      Split split = splits[splits.length - 1 - level];
      left[node] = 2 * node + 1;
      right[node] = 2 * node + 2;
      feature[node] = split.feature;
      value[node] = split.border;
      flags[node] = (byte) (split.isNanGreater ? 0 : Forest.NAN_LEFT);
    }
    for (int leaf = 0; leaf <= splitCount; leaf++) {
      value[splitCount + leaf] = values[from + leaf * dimension];
    }
    return new TreeNodes(left, right, feature, value, flags, null, null, null);
  }

  /**
   * The model.
   *
   * @param bias for each sum, or one for all
   * @param loss the function that was trained for, which says what the sums mean; empty if the file
   *     does not tell
   */
  TreesDefinition build(double scale, double[] bias, String loss) throws ModelLoadException {
    if (bias.length != dimension && bias.length != 1) {
      throw new ModelLoadException(
          "bias: " + bias.length + " numbers (expected: " + dimension + ")");
    }
    double[] all = new double[dimension];
    for (int i = 0; i < dimension; i++) {
      all[i] = bias[bias.length == 1 ? 0 : i];
    }
    return new TreesDefinition(
        builder.build(new double[dimension], false),
        1,
        new CatBoostObjective(scale, all, CatBoostObjective.answer(loss)),
        DType.FLOAT32);
  }
}
