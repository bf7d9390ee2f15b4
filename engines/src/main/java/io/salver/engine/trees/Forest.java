package io.salver.engine.trees;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Trees in flat arrays.
 *
 * <p>All nodes of all trees lie in three arrays: what decides, against what, and where to go on. A
 * tree's nodes follow each other breadth-first, so that its first levels, which every row visits,
 * share cache lines, and the two children of a node are neighbours: going right is adding one. A
 * node goes left where {@code x <= threshold}; XGBoost's {@code x < threshold}, in floats, is
 * {@code x <=} the float below it, which the builder stores. Thresholds are doubles for both
 * formats, because every float is one: a comparison of floats gives the same answer in doubles.
 *
 * <p>Trees are the outer loop and the rows of a block the inner one, so that a tree is fetched once
 * for the block. Sums are added in the order of the trees, as the native libraries do: in doubles,
 * or rounded to float after each addition. The sum of two floats in double, rounded to float, is
 * their float sum: a double has more than twice a float's bits and two more (Figueroa, When is
 * double rounding innocuous?, 1995).
 *
 * <p>Immutable and thread-safe.
 */
final class Forest implements Scorer {
  /** What a missing value does: it goes left. */
  static final int NAN_LEFT = 1;

  /** A value of zero is a missing one. */
  static final int ZERO_MISSING = 2;

  /** The node asks whether the value is one of a set; if so, right. */
  static final int CATEGORICAL = 4;

  /** With {@link #CATEGORICAL}: if it is in the set, left, and -0.5 is taken for 0. */
  static final int IN_SET_LEFT = 8;

  /** The bits of {@link #split} below the feature. */
  static final int FLAG_BITS = 4;

  /** How many features a forest may have. */
  static final int MAX_FEATURES = 1 << (Integer.SIZE - 1 - FLAG_BITS);

  /** The ways that are followed at once. */
  private static final int LANES = 4;

  /** What a leaf has in {@link #split}. */
  static final int LEAF = -1;

  /** LightGBM's kZeroThreshold, which is a float. */
  private static final double ZERO_BOUND = 1e-35f;

  /** What leaves add, one after the other, and the first summand of each group. */
  private final double[] base;

  private final int featureCount;
  private final boolean isFloat;
  private final boolean isPlain;

  /** By tree: where its nodes begin, and which sum it adds to. */
  private final int[] roots;

  private final int[] groups;

  /** By node: feature and flags, or {@link #LEAF}. */
  private final int[] split;

  /** By node: the left child; for a leaf 0, or one more than the number of its function. */
  private final int[] left;

  /** By node: the threshold, the number of a set of categories, or what a leaf adds. */
  private final double[] value;

  /** By set of categories: where its words begin; one more at the end. */
  private final int[] setStarts;

  private final int[] setWords;
  private final @Nullable LeafFunctions functions;
  private final @Nullable Covers covers;

  Forest(
      double[] base,
      int featureCount,
      boolean isFloat,
      int[] roots,
      int[] groups,
      int[] split,
      int[] left,
      double[] value,
      int[] setStarts,
      int[] setWords,
      @Nullable LeafFunctions functions,
      float @Nullable [] covers) {
    this.base = base;
    this.featureCount = featureCount;
    this.isFloat = isFloat;
    this.roots = roots;
    this.groups = groups;
    this.split = split;
    this.left = left;
    this.value = value;
    this.setStarts = setStarts;
    this.setWords = setWords;
    this.functions = functions;
    this.isPlain =
        functions == null
            && Arrays.stream(split)
                .allMatch(s -> s == LEAF || (s & (ZERO_MISSING | CATEGORICAL)) == 0);
    this.covers = covers == null ? null : Covers.of(this, covers);
  }

  @Override
  public int featureCount() {
    return featureCount;
  }

  @Override
  public int groupCount() {
    return base.length;
  }

  /**
   * Who explains this forest; empty if the file does not say how many rows came to its nodes, if
   * its leaves are functions, or if its trees are too deep.
   */
  Optional<Supplier<TreeShap>> explainers() {
    Covers known = covers;
    return known == null || functions != null || known.depth() > TreeShap.MAX_DEPTH
        ? Optional.empty()
        : Optional.of(() -> new TreeShap(this, known));
  }

  /** What a group's sum begins with. */
  double base(int group) {
    return base[group];
  }

  /** A tree's first node. */
  int root(int tree) {
    return roots[tree];
  }

  /** The sum that a tree adds to. */
  int group(int tree) {
    return groups[tree];
  }

  boolean isLeaf(int node) {
    return split[node] == LEAF;
  }

  /** The feature that decides at a node that is no leaf. */
  int feature(int node) {
    return split[node] >>> FLAG_BITS;
  }

  /** The left child of a node that is no leaf; the right one is the next. */
  int leftChild(int node) {
    return left[node];
  }

  /** What a leaf adds that is no function. */
  double value(int node) {
    return value[node];
  }

  /** Whether a row goes left at a node that is no leaf. */
  boolean isLeft(int node, double[] row) {
    return isLeft(split[node], value[node], row[feature(node)]);
  }

  /** The nodes of all trees, leaves included. */
  int nodeCount() {
    return split.length;
  }

  /** The number of trees. */
  int treeCount() {
    return roots.length;
  }

  @Override
  public void score(double[] rows, int rowCount, double[] sums) {
    int groupCount = base.length;
    for (int row = 0; row < rowCount; row++) {
      System.arraycopy(base, 0, sums, row * groupCount, groupCount);
    }
    if (isPlain) {
      scorePlain(rows, rowCount, sums);
      return;
    }
    for (int tree = 0; tree < roots.length; tree++) {
      add(roots[tree], rows, rowCount, sums, groups[tree]);
    }
  }

  /**
   * Scores by trees whose nodes compare numbers, of which only NaN is missing. A way through a tree
   * waits for one comparison after the other, so that several ways are followed at once: of several
   * rows through a tree or, for the last few rows, of a row through several trees.
   */
  private void scorePlain(double[] rows, int rowCount, double[] sums) {
    int together = rowCount - rowCount % LANES;
    for (int tree = 0; tree < roots.length; tree++) {
      for (int row = 0; row < together; row += LANES) {
        addToRows(tree, rows, row, sums);
      }
    }
    for (int row = together; row < rowCount; row++) {
      int tree = 0;
      for (; tree + LANES <= roots.length; tree += LANES) {
        addTrees(tree, rows, row, sums);
      }
      for (; tree < roots.length; tree++) {
        addLeaf(tree, leaf(roots[tree], rows, row * featureCount), row, sums);
      }
    }
  }

  private void addToRows(int tree, double[] rows, int row, double[] sums) {
    int from0 = row * featureCount;
    int from1 = from0 + featureCount;
    int from2 = from1 + featureCount;
    int from3 = from2 + featureCount;
    int node0 = roots[tree];
    int node1 = node0;
    int node2 = node0;
    int node3 = node0;
    int s0 = split[node0];
    int s1 = s0;
    int s2 = s0;
    int s3 = s0;
    while ((s0 & s1 & s2 & s3) >= 0) {
      if (s0 >= 0) {
        node0 = next(node0, s0, rows[from0 + (s0 >>> FLAG_BITS)]);
        s0 = split[node0];
      }
      if (s1 >= 0) {
        node1 = next(node1, s1, rows[from1 + (s1 >>> FLAG_BITS)]);
        s1 = split[node1];
      }
      if (s2 >= 0) {
        node2 = next(node2, s2, rows[from2 + (s2 >>> FLAG_BITS)]);
        s2 = split[node2];
      }
      if (s3 >= 0) {
        node3 = next(node3, s3, rows[from3 + (s3 >>> FLAG_BITS)]);
        s3 = split[node3];
      }
    }
    addLeaf(tree, node0, row, sums);
    addLeaf(tree, node1, row + 1, sums);
    addLeaf(tree, node2, row + 2, sums);
    addLeaf(tree, node3, row + 3, sums);
  }

  private void addTrees(int tree, double[] rows, int row, double[] sums) {
    int from = row * featureCount;
    int node0 = roots[tree];
    int node1 = roots[tree + 1];
    int node2 = roots[tree + 2];
    int node3 = roots[tree + 3];
    int s0 = split[node0];
    int s1 = split[node1];
    int s2 = split[node2];
    int s3 = split[node3];
    while ((s0 & s1 & s2 & s3) >= 0) {
      if (s0 >= 0) {
        node0 = next(node0, s0, rows[from + (s0 >>> FLAG_BITS)]);
        s0 = split[node0];
      }
      if (s1 >= 0) {
        node1 = next(node1, s1, rows[from + (s1 >>> FLAG_BITS)]);
        s1 = split[node1];
      }
      if (s2 >= 0) {
        node2 = next(node2, s2, rows[from + (s2 >>> FLAG_BITS)]);
        s2 = split[node2];
      }
      if (s3 >= 0) {
        node3 = next(node3, s3, rows[from + (s3 >>> FLAG_BITS)]);
        s3 = split[node3];
      }
    }
    addLeaf(tree, node0, row, sums);
    addLeaf(tree + 1, node1, row, sums);
    addLeaf(tree + 2, node2, row, sums);
    addLeaf(tree + 3, node3, row, sums);
  }

  private int leaf(int root, double[] rows, int from) {
    int node = root;
    int s = split[node];
    while (s >= 0) {
      node = next(node, s, rows[from + (s >>> FLAG_BITS)]);
      s = split[node];
    }
    return node;
  }

  /**
   * The child that {@code x} goes to, by no branch that depends on it, as long as it is not NaN.
   */
  private int next(int node, int flags, double x) {
    int right = x <= value[node] ? 0 : 1;
    if (Double.isNaN(x)) {
      right = ~flags & NAN_LEFT;
    }
    return left[node] + right;
  }

  private void addLeaf(int tree, int leaf, int row, double[] sums) {
    int at = row * base.length + groups[tree];
    double sum = sums[at] + value[leaf];
    sums[at] = isFloat ? (float) sum : sum;
  }

  private void add(int root, double[] rows, int rowCount, double[] sums, int group) {
    int at = group;
    for (int row = 0; row < rowCount; row++) {
      int from = row * featureCount;
      int node = root;
      int s = split[node];
      while (s >= 0) {
        boolean isLeft = isLeft(s, value[node], rows[from + (s >>> FLAG_BITS)]);
        node = left[node] + (isLeft ? 0 : 1);
        s = split[node];
      }
      double sum = sums[at] + leafValue(node, rows, from);
      sums[at] = isFloat ? (float) sum : sum;
      at += base.length;
    }
  }

  private boolean isLeft(int flags, double threshold, double x) {
    if (Double.isNaN(x)) {
      return (flags & NAN_LEFT) != 0;
    }
    if ((flags & CATEGORICAL) != 0) {
      boolean isTruncated = (flags & IN_SET_LEFT) != 0;
      boolean isIn = (isTruncated || x >= 0) && isInSet((int) threshold, (int) x);
      return isIn == isTruncated;
    }
    if ((flags & ZERO_MISSING) != 0 && Math.abs(x) <= ZERO_BOUND) {
      return (flags & NAN_LEFT) != 0;
    }
    return x <= threshold;
  }

  private boolean isInSet(int set, int category) {
    int word = category >> 5;
    return category >= 0
        && word < setStarts[set + 1] - setStarts[set]
        && (setWords[setStarts[set] + word] >>> category & 1) != 0;
  }

  private double leafValue(int node, double[] rows, int from) {
    return functions == null || left[node] == 0
        ? value[node]
        : functions.value(left[node] - 1, rows, from, value[node]);
  }

  @Override
  public long memoryBytes() {
    return 16L * split.length
        + 8L * roots.length
        + 8L * base.length
        + 4L * (setStarts.length + setWords.length)
        + (functions == null ? 0 : functions.memoryBytes())
        + (covers == null ? 0 : covers.memoryBytes());
  }
}
