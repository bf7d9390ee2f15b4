package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads a tree of a LightGBM file. Its leaves become nodes behind the splits. */
final class LgbmTree {
  private static final int IS_CATEGORICAL = 1;
  private static final int IS_DEFAULT_LEFT = 2;
  private static final int MISSING_SHIFT = 2;
  private static final int MISSING_MASK = 3;
  private static final int MISSING_ZERO = 1;
  private static final int MISSING_NAN = 2;

  private final LgbmFields fields;
  private final int leafCount;
  private final int splitCount;

  private LgbmTree(LgbmFields fields) throws ModelLoadException {
    this.fields = fields;
    this.leafCount = fields.integer("num_leaves", 1);
    this.splitCount = leafCount - 1;
  }

  /** The tree of a block of fields. */
  static TreeNodes read(LgbmFields fields) throws ModelLoadException {
    return new LgbmTree(fields).nodes();
  }

  private TreeNodes nodes() throws ModelLoadException {
    double[] leafValue = fields.numbers("leaf_value", leafCount);
    int count = splitCount + leafCount;
    int[] left = new int[count];
    int[] right = new int[count];
    int[] feature = new int[count];
    double[] value = new double[count];
    byte[] flags = new byte[count];
    int[] @Nullable [] categories = null;
    if (splitCount > 0) {
      int[] leftChild = fields.integers("left_child", splitCount);
      int[] rightChild = fields.integers("right_child", splitCount);
      int[] splitFeature = fields.integers("split_feature", splitCount);
      double[] threshold = fields.numbers("threshold", splitCount);
      int[] decision = fields.integersOr("decision_type", splitCount);
      int[][] sets = sets();
      categories = sets.length == 0 ? null : new int[count][];
      for (int i = 0; i < splitCount; i++) {
        left[i] = node(leftChild[i]);
        right[i] = node(rightChild[i]);
        feature[i] = splitFeature[i];
        value[i] = threshold[i];
        flags[i] = flags(decision[i], threshold[i]);
        if ((decision[i] & IS_CATEGORICAL) != 0 && categories != null) {
          categories[i] = set(sets, threshold[i]);
        }
      }
    }
    Arrays.fill(left, splitCount, count, -1);
    System.arraycopy(leafValue, 0, value, splitCount, leafCount);
    return new TreeNodes(
        left, right, feature, value, flags, categories, cover(count), functions(count));
  }

  private double @Nullable [] cover(int count) throws ModelLoadException {
    boolean isThere = fields.has("leaf_count") && (splitCount == 0 || fields.has("internal_count"));
    if (!isThere) {
      return null;
    }
    double[] cover = new double[count];
    if (splitCount > 0) {
      System.arraycopy(fields.numbers("internal_count", splitCount), 0, cover, 0, splitCount);
    }
    System.arraycopy(fields.numbers("leaf_count", leafCount), 0, cover, splitCount, leafCount);
    return cover;
  }

  /** A child, where the file has -1 for leaf 0, -2 for leaf 1 and so on. */
  private int node(int child) throws ModelLoadException {
    if (child >= splitCount || ~child >= leafCount) {
      throw new ModelLoadException(
          fields.where()
              + ": child "
              + child
              + " (expected: "
              + -leafCount
              + " to "
              + (splitCount - 1)
              + ")");
    }
    return child >= 0 ? child : splitCount + ~child;
  }

  private byte flags(int decision, double threshold) throws ModelLoadException {
    if ((decision & IS_CATEGORICAL) != 0) {
      return Forest.CATEGORICAL | Forest.IN_SET_LEFT;
    }
    boolean isDefaultLeft = (decision & IS_DEFAULT_LEFT) != 0;
    return switch (decision >> MISSING_SHIFT & MISSING_MASK) {
      case 0 -> (byte) (threshold >= 0 ? Forest.NAN_LEFT : 0);
      case MISSING_ZERO -> (byte) (Forest.ZERO_MISSING | (isDefaultLeft ? Forest.NAN_LEFT : 0));
      case MISSING_NAN -> (byte) (isDefaultLeft ? Forest.NAN_LEFT : 0);
      default ->
          throw new ModelLoadException(
              fields.where() + ": decision_type " + decision + " (expected: missing type 0 to 2)");
    };
  }

  private int[][] sets() throws ModelLoadException {
    int setCount = fields.has("num_cat") ? fields.integer("num_cat", 0) : 0;
    if (setCount == 0) {
      return new int[0][];
    }
    int[] bounds = fields.integers("cat_boundaries", setCount + 1L);
    int[] words = fields.words("cat_threshold");
    int[][] sets = new int[setCount][];
    for (int i = 0; i < setCount; i++) {
      if (bounds[i] < 0 || bounds[i + 1] < bounds[i] || bounds[i + 1] > words.length) {
        throw new ModelLoadException(
            fields.where()
                + ": cat_boundaries "
                + bounds[i]
                + " "
                + bounds[i + 1]
                + " (expected: rising, from 0 to "
                + words.length
                + ")");
      }
      sets[i] = Arrays.copyOfRange(words, bounds[i], bounds[i + 1]);
    }
    return sets;
  }

  private int[] set(int[][] sets, double threshold) throws ModelLoadException {
    int number = (int) threshold;
    if (number != threshold || number < 0 || number >= sets.length) {
      throw new ModelLoadException(
          fields.where()
              + ": threshold "
              + threshold
              + " of a categorical split (expected: 0 to "
              + (sets.length - 1)
              + ")");
    }
    return sets[number];
  }

  private TreeNodes.@Nullable LeafFunction @Nullable [] functions(int count)
      throws ModelLoadException {
    if (!fields.has("is_linear") || fields.integer("is_linear", 0) == 0) {
      return null;
    }
    double[] constants = fields.numbers("leaf_const", leafCount);
    int[] lengths = fields.integersOr("num_features", leafCount);
    long total = fields.total("num_features", lengths);
    int[] features = total == 0 ? new int[0] : fields.integers("leaf_features", total);
    double[] coefficients = total == 0 ? new double[0] : fields.numbers("leaf_coeff", total);
    TreeNodes.@Nullable LeafFunction[] functions = new TreeNodes.@Nullable LeafFunction[count];
    int from = 0;
    for (int i = 0; i < leafCount; i++) {
      int to = from + lengths[i];
      functions[splitCount + i] =
          new TreeNodes.LeafFunction(
              constants[i],
              Arrays.copyOfRange(features, from, to),
              Arrays.copyOfRange(coefficients, from, to));
      from = to;
    }
    return functions;
  }
}
