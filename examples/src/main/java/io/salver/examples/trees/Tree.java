package io.salver.examples.trees;

import java.util.ArrayList;
import java.util.List;

/** One tree. It is grown by one thread, and not changed after that. */
final class Tree {
  static final int NONE = -1;

  /**
   * A node; a leaf has no children.
   *
   * @param threshold rows with a smaller value of the feature go left
   * @param missingLeft whether rows without a value do
   * @param weight what a leaf adds
   * @param gain by how much the split makes the objective better
   * @param hessian the sum of the rows' second derivatives
   */
  record Node(
      int parent,
      int left,
      int right,
      int feature,
      float threshold,
      boolean missingLeft,
      float weight,
      float gain,
      float hessian) {

    boolean isLeaf() {
      return left == NONE;
    }
  }

  private final List<Node> nodes = new ArrayList<>();

  List<Node> nodes() {
    return nodes;
  }

  int addLeaf(int parent, double weight, double hessian) {
    nodes.add(new Node(parent, NONE, NONE, 0, 0, false, (float) weight, 0, (float) hessian));
    return nodes.size() - 1;
  }

  /** Turns a leaf into a split with two leaves, which are the last two nodes. */
  void split(int leaf, Split split) {
    Node node = nodes.get(leaf);
    int left = nodes.size() - 2;
    nodes.set(
        leaf,
        new Node(
            node.parent(),
            left,
            left + 1,
            split.feature(),
            split.threshold(),
            split.missingLeft(),
            node.weight(),
            (float) split.gain(),
            node.hessian()));
  }

  /** The child of a node that is no leaf to which a value of its feature goes. */
  static int child(Node node, float value) {
    boolean left = Float.isNaN(value) ? node.missingLeft() : value < node.threshold();
    return left ? node.left() : node.right();
  }

  /** What the tree adds for a row. */
  float answer(float[] features) {
    Node node = nodes.getFirst();
    while (!node.isLeaf()) {
      node = nodes.get(child(node, features[node.feature()]));
    }
    return node.weight();
  }
}
