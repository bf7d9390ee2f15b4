package io.salver.batching;

import java.util.Arrays;

/**
 * A quantile of y as a linear function of x: the line that minimises the pinball loss.
 *
 * <p>For a given slope the best intercept is the quantile of what the slope leaves over, and the
 * loss of that is convex in the slope, so a search over the slope alone finds the line.
 */
record QuantileLine(double intercept, double slope) {
  private static final int SEARCH_STEPS = 40;

  /**
   * The line through points of which there is at least one. Its slope is not negative. Where all
   * points have one x, the line goes through the origin.
   *
   * @param quantile the share of the points that is to lie on or below the line, 0 to 1
   */
  static QuantileLine fit(long[] x, long[] y, double quantile) {
    double steepest = 0;
    boolean flat = true;
    for (int i = 0; i < x.length; i++) {
      steepest = Math.max(steepest, (double) y[i] / x[i]);
      flat &= x[i] == x[0];
    }
    if (flat) {
      return new QuantileLine(0, quantile(residuals(x, y, 0), quantile) / x[0]);
    }
    double low = 0;
    double high = steepest;
    for (int i = 0; i < SEARCH_STEPS; i++) {
      double third = (high - low) / 3;
      if (loss(x, y, low + third, quantile) <= loss(x, y, high - third, quantile)) {
        high -= third;
      } else {
        low += third;
      }
    }
    double slope = (low + high) / 2;
    return new QuantileLine(quantile(residuals(x, y, slope), quantile), slope);
  }

  /** The largest x whose value is at most {@code y}; infinite if all are. */
  double largestWithin(double y) {
    if (slope > 0) {
      return (y - intercept) / slope;
    }
    return intercept <= y ? Double.POSITIVE_INFINITY : 0;
  }

  private static double[] residuals(long[] x, long[] y, double slope) {
    double[] residuals = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      residuals[i] = y[i] - slope * x[i];
    }
    Arrays.sort(residuals);
    return residuals;
  }

  private static double quantile(double[] sorted, double quantile) {
    return sorted[Math.max(0, (int) Math.ceil(quantile * sorted.length) - 1)];
  }

  private static double loss(long[] x, long[] y, double slope, double quantile) {
    double[] residuals = residuals(x, y, slope);
    double intercept = quantile(residuals, quantile);
    double loss = 0;
    for (double residual : residuals) {
      double over = residual - intercept;
      loss += over > 0 ? quantile * over : (quantile - 1) * over;
    }
    return loss;
  }
}
