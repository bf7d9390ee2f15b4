package io.salver.routing;

/**
 * Weights of the exponential algorithms. They are kept as logarithms, the largest at 0, since the
 * weights themselves outgrow a double.
 */
final class LogWeights {
  /** Below this a weight is 0 beside the largest one. */
  static final double MIN = -1e9;

  private LogWeights() {}

  /** The weights divided by their sum. */
  static double[] normalized(double[] logs) {
    double[] weights = new double[logs.length];
    double sum = 0;
    for (int i = 0; i < logs.length; i++) {
      weights[i] = Math.exp(logs[i]);
      sum += weights[i];
    }
    for (int i = 0; i < logs.length; i++) {
      weights[i] /= sum;
    }
    return weights;
  }

  /**
   * Weights multiplied by {@code exp(gains)}; then each gets {@code e * share / n} of what their
   * sum was before, as in Exp3.S.
   */
  static double[] raised(double[] logs, double[] gains, double share) {
    double[] result = new double[logs.length];
    double given = 0;
    if (share > 0) {
      for (double log : logs) {
        given += Math.exp(log);
      }
      given *= Math.E * share / logs.length;
    }
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < logs.length; i++) {
      double log = logs[i] + gains[i];
      result[i] = share > 0 ? Math.log(Math.exp(log) + given) : log;
      max = Math.max(max, result[i]);
    }
    for (int i = 0; i < logs.length; i++) {
      result[i] = Math.max(MIN, result[i] - max);
    }
    return result;
  }
}
