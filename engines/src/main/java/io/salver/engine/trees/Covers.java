package io.salver.engine.trees;

/** How many rows of training, or what weight of them, came to each node. Immutable. */
final class Covers {
  private final float[] covers;
  private final double[] means;
  private final int depth;

  private Covers(float[] covers, double[] means, int depth) {
    this.covers = covers;
    this.means = means;
    this.depth = depth;
  }

  /**
   * The covers of a forest.
   *
   * @param covers by node
   */
  static Covers of(Forest forest, float[] covers) {
    int nodeCount = covers.length;
    double[] mean = new double[nodeCount];
    int[] height = new int[nodeCount];
    int depth = 0;
    Covers shares = new Covers(covers, mean, 0);
    // Children come after their parents.
    for (int node = nodeCount - 1; node >= 0; node--) {
      if (forest.isLeaf(node)) {
        mean[node] = forest.value(node);
        continue;
      }
      int left = forest.leftChild(node);
      mean[node] =
          shares.share(left, node) * mean[left] + shares.share(left + 1, node) * mean[left + 1];
      height[node] = 1 + Math.max(height[left], height[left + 1]);
      depth = Math.max(depth, height[node]);
    }
    double[] means = new double[forest.treeCount()];
    for (int tree = 0; tree < means.length; tree++) {
      means[tree] = mean[forest.root(tree)];
    }
    return new Covers(covers, means, depth);
  }

  /** The share of a node's rows that go to a child; half of them where there were none. */
  double share(int child, int node) {
    return covers[node] == 0 ? 0.5 : (double) covers[child] / covers[node];
  }

  /** The mean of a tree's leaves over the rows of training. */
  double mean(int tree) {
    return means[tree];
  }

  /** The splits on the longest way to a leaf. */
  int depth() {
    return depth;
  }

  long memoryBytes() {
    return (long) Float.BYTES * covers.length + (long) Double.BYTES * means.length;
  }
}
