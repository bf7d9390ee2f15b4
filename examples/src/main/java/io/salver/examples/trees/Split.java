package io.salver.examples.trees;

/**
 * A way to part a node's rows.
 *
 * @param threshold rows with a smaller value of the feature go left
 * @param missingLeft whether rows without a value do
 * @param gain by how much it makes the objective better
 * @param left the sums of the rows that go left
 */
record Split(int feature, float threshold, boolean missingLeft, double gain, Sums left) {
  /**
   * First and second derivatives of the loss, summed over rows.
   *
   * @param gradient of the first derivatives
   * @param hessian of the second
   */
  record Sums(double gradient, double hessian) {
    static final Sums ZERO = new Sums(0, 0);

    Sums plus(double moreGradient, double moreHessian) {
      return new Sums(gradient + moreGradient, hessian + moreHessian);
    }

    Sums minus(Sums other) {
      return new Sums(gradient - other.gradient, hessian - other.hessian);
    }
  }
}
