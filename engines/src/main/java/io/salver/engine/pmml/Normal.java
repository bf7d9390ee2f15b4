package io.salver.engine.pmml;

/** The standard normal distribution. */
final class Normal {
  private static final double SQRT_2_PI = Math.sqrt(2 * Math.PI);

  private Normal() {}

  /**
   * The cumulative distribution function, to about 15 digits of the smaller tail: a series for the
   * middle (Marsaglia, Evaluating the normal distribution, J. Stat. Softw. 11, 2004), a continued
   * fraction for the tails (Abramowitz and Stegun 26.2.14).
   */
  static double cumulative(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    double size = Math.abs(x);
    if (size > 39) {
      return x < 0 ? 0 : 1;
    }
    double density = Math.exp(-x * x / 2) / SQRT_2_PI;
    if (size < 4) {
      double term = x;
      double sum = x;
      for (int i = 3; Math.abs(term) > 1e-18 * Math.abs(sum); i += 2) {
        term *= x * x / i;
        sum += term;
      }
      return 0.5 + sum * density;
    }
    double fraction = size;
    for (int i = 60; i > 0; i--) {
      fraction = size + i / fraction;
    }
    double tail = density / fraction;
    return x < 0 ? tail : 1 - tail;
  }
}
