package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the trees of an XGBoost document, one after the other. */
final class XgbTree {
  /** XGBoost's bound: a float holds every whole number below it. */
  private static final int CATEGORY_BOUND = 1 << 24;

  /** Words of categories that a model may have in any case, and for each category that it lists. */
  private static final int MIN_WORDS = 1 << 20;

  private static final int WORDS_PER_CATEGORY = 8;

  private long wordCount;
  private long listedCount;

  /**
   * A tree.
   *
   * @param weight what its leaves are multiplied by
   */
  TreeNodes read(Field tree, float weight) throws ModelLoadException {
    int[] left = tree.member("left_children").integers();
    int count = left.length;
    Field parameters = tree.member("tree_param");
    int declared = parameters.member("num_nodes").integer(1);
    if (declared != count) {
      throw new ModelLoadException(
          tree.where() + ": " + count + " nodes (expected: num_nodes, " + declared + ")");
    }
    Optional<Field> vector = parameters.find("size_leaf_vector");
    if (vector.isPresent() && vector.get().integer(0) > 1) {
      throw new ModelLoadException(
          vector.get().where()
              + ": "
              + vector.get().integer(0)
              + " (expected: 0 or 1, as leaves with several values, multi_output_tree, are not"
              + " supported)");
    }
    int[] right = tree.member("right_children").integers(count);
    int[] feature = tree.member("split_indices").integers(count);
    double[] condition = tree.member("split_conditions").numbers(count);
    double[] defaultLeft = tree.member("default_left").numbers(count);
    int[] @Nullable [] categories = categories(tree, count);
    double[] value = new double[count];
    byte[] flags = new byte[count];
    for (int i = 0; i < count; i++) {
      value[i] = value((float) condition[i], left[i] == -1, weight);
      flags[i] =
          (byte)
              ((defaultLeft[i] != 0 ? Forest.NAN_LEFT : 0)
                  | (categories != null && categories[i] != null ? Forest.CATEGORICAL : 0));
    }
    Optional<Field> hessian = tree.find("sum_hessian");
    double[] cover = hessian.isPresent() ? hessian.get().numbers(count) : null;
    return new TreeNodes(left, right, feature, value, flags, categories, cover, null);
  }

  /** What a node of XGBoost has as a {@link Forest} wants it. */
  static double value(float condition, boolean isLeaf, float weight) {
    return isLeaf ? condition * weight : Math.nextDown(condition);
  }

  private int @Nullable [] @Nullable [] categories(Field tree, int count)
      throws ModelLoadException {
    Optional<Field> types = tree.find("split_type");
    Optional<Field> listed = tree.find("categories_nodes");
    if (types.isEmpty() || listed.isEmpty()) {
      return null;
    }
    int[] type = types.get().integers(count);
    int[] nodes = listed.get().integers();
    if (nodes.length == 0) {
      return null;
    }
    int[] starts = tree.member("categories_segments").integers(nodes.length);
    int[] sizes = tree.member("categories_sizes").integers(nodes.length);
    int[] all = tree.member("categories").integers();
    int[] @Nullable [] categories = new int[count][];
    long listedHere = 0;
    for (int i = 0; i < nodes.length; i++) {
      listedHere += Math.max(0, sizes[i]);
      if (nodes[i] < 0 || nodes[i] >= count || type[nodes[i]] != 1) {
        throw new ModelLoadException(
            listed.get().where() + ": " + nodes[i] + " (expected: a node of split_type 1)");
      }
      if (starts[i] < 0
          || sizes[i] < 0
          || starts[i] > all.length - sizes[i]
          || listedHere > all.length) {
        throw new ModelLoadException(
            tree.where()
                + ".categories_segments: "
                + sizes[i]
                + " from "
                + starts[i]
                + " (expected: within "
                + all.length
                + " categories)");
      }
      categories[nodes[i]] = words(all, starts[i], sizes[i], tree.where());
    }
    return categories;
  }

  private int[] words(int[] all, int start, int size, String where) throws ModelLoadException {
    int largest = 0;
    for (int i = start; i < start + size; i++) {
      if (all[i] < 0 || all[i] >= CATEGORY_BOUND) {
        throw new ModelLoadException(
            where + ".categories: " + all[i] + " (expected: 0 to " + (CATEGORY_BOUND - 1) + ")");
      }
      largest = Math.max(largest, all[i]);
    }
    int length = (largest >> 5) + 1;
    wordCount += length;
    listedCount += size;
    if (wordCount > MIN_WORDS + WORDS_PER_CATEGORY * listedCount) {
      throw new ModelLoadException(
          where
              + ".categories: sets of "
              + wordCount
              + " words for "
              + listedCount
              + " categories (expected: fewer, as categories count from 0)");
    }
    int[] words = new int[length];
    for (int i = start; i < start + size; i++) {
      words[all[i] >> 5] |= 1 << all[i];
    }
    return words;
  }
}
