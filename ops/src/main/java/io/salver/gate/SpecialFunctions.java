package io.salver.gate;

/** What the tests need of mathematics and the JDK lacks. */
final class SpecialFunctions {
  private static final double[] LANCZOS = {
    0.99999999999980993,
    676.5203681218851,
    -1259.1392167224028,
    771.32342877765313,
    -176.61502916214059,
    12.507343278686905,
    -0.13857109526572012,
    9.9843695780195716e-6,
    1.5056327351493116e-7
  };

  private SpecialFunctions() {}

  /** The logarithm of the gamma function, for x above 0. Source: Lanczos, 1964, with g = 7. */
  static double logGamma(double x) {
    if (x < 0.5) {
      return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
    }
    double y = x - 1;
    double sum = LANCZOS[0];
    for (int i = 1; i < LANCZOS.length; i++) {
      sum += LANCZOS[i] / (y + i);
    }
    double t = y + 7.5;
    return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(sum);
  }

  static double logBeta(double a, double b) {
    return logGamma(a) + logGamma(b) - logGamma(a + b);
  }

  /**
   * The chance that a standard normal variable is above z. Source: Numerical Recipes' rational
   * Chebyshev form of erfc, whose relative error is below 1.2e-7 everywhere.
   */
  static double normalAbove(double z) {
    double x = Math.abs(z) / Math.sqrt(2);
    double t = 1 / (1 + 0.5 * x);
    double[] c = {
      -1.26551223,
      1.00002368,
      0.37409196,
      0.09678418,
      -0.18628806,
      0.27886807,
      -1.13520398,
      1.48851587,
      -0.82215223,
      0.17087277
    };
    double poly = 0;
    for (int i = c.length - 1; i >= 0; i--) {
      poly = c[i] + t * poly;
    }
    double erfc = t * Math.exp(-x * x + poly);
    return z >= 0 ? erfc / 2 : 1 - erfc / 2;
  }

  /** The z that a standard normal variable passes with this chance, above 0 and below 1. */
  static double normalQuantileAbove(double chance) {
    double low = -40;
    double high = 40;
    for (int i = 0; i < 100; i++) {
      double middle = (low + high) / 2;
      if (normalAbove(middle) > chance) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return (low + high) / 2;
  }
}
