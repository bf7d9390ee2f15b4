package io.salver.examples.trees;

/** Of the log loss, by each row's margin, which is the logarithm of its odds. */
final class Derivatives {
  private final boolean[] happened;
  private final double[] gradients;
  private final double[] hessians;

  Derivatives(boolean[] happened) {
    this.happened = happened;
    gradients = new double[happened.length];
    hessians = new double[happened.length];
  }

  /** Computes them anew. */
  void at(double[] margins) {
    for (int row = 0; row < margins.length; row++) {
      double probability = BoostedTrees.sigmoid(margins[row]);
      gradients[row] = probability - (happened[row] ? 1 : 0);
      hessians[row] = probability * (1 - probability);
    }
  }

  double gradient(int row) {
    return gradients[row];
  }

  double hessian(int row) {
    return hessians[row];
  }
}
