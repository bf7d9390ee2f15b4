package io.salver.examples.trees;

import java.util.List;

/** Trees whose sum is the logarithm of an event's odds. Immutable. */
public final class BoostedTrees {
  private final List<String> names;
  private final float base;
  private final List<Tree> trees;

  BoostedTrees(List<String> names, float base, List<Tree> trees) {
    this.names = List.copyOf(names);
    this.base = base;
    this.trees = List.copyOf(trees);
  }

  static double margin(double probability) {
    return -StrictMath.log(1 / probability - 1);
  }

  static double sigmoid(double margin) {
    return 1 / (1 + StrictMath.exp(-margin));
  }

  /** The probability for a row, given its features; NaN where one is missing. */
  public double probability(float... features) {
    double margin = margin(base);
    for (Tree tree : trees) {
      margin += tree.answer(features);
    }
    return sigmoid(margin);
  }

  /** The file that XGBoost would save: JSON, objective {@code binary:logistic}. */
  public String toXgboostJson() {
    return XgboostJson.write(names, base, trees);
  }
}
