package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks trees and lays them out. Children that do not exist, nodes that are reached twice (as in a
 * cycle), features that a row does not have and thresholds that are no numbers are refused; nodes
 * that are not reached are left out. Works through a queue, so that a deep tree needs no deep
 * stack.
 */
final class ForestBuilder {
  private static final int FIRST_CAPACITY = 256;

  private final int featureCount;
  private final int groupCount;
  private int[] split = new int[FIRST_CAPACITY];
  private int[] left = new int[FIRST_CAPACITY];
  private double[] value = new double[FIRST_CAPACITY];
  private float[] cover = new float[FIRST_CAPACITY];
  private boolean hasCovers = true;
  private int nodeCount;
  private final IntList roots = new IntList();
  private final IntList groups = new IntList();
  private final IntList setStarts = new IntList();
  private final IntList setWords = new IntList();

  /** The sets of the tree that is added, of which several nodes may have the same one. */
  private final Map<int[], Integer> sets = new IdentityHashMap<>();

  private final List<TreeNodes.LeafFunction> functions = new ArrayList<>();

  /**
   * A builder of a forest without trees.
   *
   * @param featureCount of a row
   * @param groupCount the sums of a row
   */
  ForestBuilder(int featureCount, int groupCount) throws ModelLoadException {
    if (featureCount < 0 || featureCount > Forest.MAX_FEATURES) {
      throw new ModelLoadException(
          "features: " + featureCount + " (expected: 0 to " + Forest.MAX_FEATURES + ")");
    }
    this.featureCount = featureCount;
    this.groupCount = groupCount;
    setStarts.add(0);
  }

  /**
   * Appends a tree.
   *
   * @param group the sum that it adds to
   * @throws ModelLoadException if it is broken; the message names the tree by its number
   */
  void add(TreeNodes tree, int group) throws ModelLoadException {
    int number = roots.size();
    if (group < 0 || group >= groupCount) {
      throw new ModelLoadException(
          "tree " + number + ": group " + group + " (expected: 0 to " + (groupCount - 1) + ")");
    }
    int size = tree.left().length;
    if (size == 0) {
      throw new ModelLoadException("tree " + number + ": 0 nodes (expected: >= 1)");
    }
    int root = nodeCount;
    reserve(size);
    hasCovers &= tree.cover() != null;
    int[] queue = new int[size];
    boolean[] isReached = new boolean[size];
    isReached[0] = true;
    int queued = 1;
    for (int i = 0; i < queued; i++) {
      int node = queue[i];
      cover[root + i] = cover(tree, node);
      if (tree.left()[node] == -1) {
        addLeaf(tree, node, number, root + i);
        continue;
      }
      addSplit(tree, node, number, root + i);
      left[root + i] = root + queued;
      for (int child : new int[] {tree.left()[node], tree.right()[node]}) {
        if (child < 0 || child >= size || isReached[child]) {
          throw new ModelLoadException(
              "tree "
                  + number
                  + ", node "
                  + node
                  + ": child "
                  + child
                  + " (expected: one of "
                  + size
                  + " nodes, which no other node has)");
        }
        isReached[child] = true;
        queue[queued++] = child;
      }
    }
    nodeCount = root + queued;
    sets.clear();
    roots.add(root);
    groups.add(group);
  }

  private static float cover(TreeNodes tree, int node) {
    double[] covers = tree.cover();
    return covers == null || !(covers[node] > 0) ? 0 : (float) covers[node];
  }

  private void addLeaf(TreeNodes tree, int node, int number, int at) throws ModelLoadException {
    split[at] = Forest.LEAF;
    left[at] = 0;
    value[at] = tree.value()[node];
    if (Double.isNaN(value[at])) {
      throw new ModelLoadException(
          "tree " + number + ", node " + node + ": leaf value NaN (expected: a number)");
    }
    TreeNodes.@Nullable LeafFunction function = tree.linear() == null ? null : tree.linear()[node];
    if (function != null) {
      for (int feature : function.features()) {
        checkFeature(feature, number, node);
      }
      functions.add(function);
      left[at] = functions.size();
    }
  }

  private void addSplit(TreeNodes tree, int node, int number, int at) throws ModelLoadException {
    checkFeature(tree.feature()[node], number, node);
    int flags = tree.flags()[node];
    split[at] = tree.feature()[node] << Forest.FLAG_BITS | flags;
    value[at] = tree.value()[node];
    if ((flags & Forest.CATEGORICAL) != 0) {
      int[] words = tree.categories() == null ? null : tree.categories()[node];
      if (words == null) {
        throw new ModelLoadException(
            "tree " + number + ", node " + node + ": no categories (expected: some)");
      }
      value[at] = sets.computeIfAbsent(words, this::addSet);
    } else if (Double.isNaN(value[at])) {
      throw new ModelLoadException(
          "tree " + number + ", node " + node + ": threshold NaN (expected: a number)");
    }
  }

  private int addSet(int[] words) {
    for (int word : words) {
      setWords.add(word);
    }
    setStarts.add(setWords.size());
    return setStarts.size() - 2;
  }

  private void checkFeature(int feature, int number, int node) throws ModelLoadException {
    if (feature < 0 || feature >= featureCount) {
      throw new ModelLoadException(
          "tree "
              + number
              + ", node "
              + node
              + ": feature "
              + feature
              + " (expected: 0 to "
              + (featureCount - 1)
              + ")");
    }
  }

  private void reserve(int more) throws ModelLoadException {
    long needed = (long) nodeCount + more;
    if (needed > split.length) {
      long capacity = Math.max(needed, 2L * split.length);
      if (needed > Integer.MAX_VALUE - 8) {
        throw new ModelLoadException("nodes: " + needed + " (expected: less than 2^31)");
      }
      int grown = (int) Math.min(capacity, Integer.MAX_VALUE - 8);
      split = Arrays.copyOf(split, grown);
      left = Arrays.copyOf(left, grown);
      value = Arrays.copyOf(value, grown);
      cover = Arrays.copyOf(cover, grown);
    }
  }

  /**
   * The forest of the trees that were appended.
   *
   * @param base what each sum begins with
   * @param isFloat whether sums are rounded to float after each addition
   */
  Forest build(double[] base, boolean isFloat) {
    return new Forest(
        base,
        featureCount,
        isFloat,
        roots.toArray(),
        groups.toArray(),
        Arrays.copyOf(split, nodeCount),
        Arrays.copyOf(left, nodeCount),
        Arrays.copyOf(value, nodeCount),
        setStarts.toArray(),
        setWords.toArray(),
        functions.isEmpty() ? null : new LeafFunctions(functions),
        hasCovers ? Arrays.copyOf(cover, nodeCount) : null);
  }
}
