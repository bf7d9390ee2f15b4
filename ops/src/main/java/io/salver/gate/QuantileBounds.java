package io.salver.gate;

/**
 * A confidence interval for a quantile, without any assumption on the distribution: how many of n
 * requests lie above it has a binomial distribution, so the interval goes between two of the sorted
 * latencies. Source: David, Nagaraja, "Order Statistics", 3rd edition, section 7.1. For 99 % and
 * the 99th percentile the upper end exists from 459 requests on, as 0.99^459 is below 0.01.
 */
final class QuantileBounds {
  private static final long EXACT_TRIALS = 20_000;

  private QuantileBounds() {}

  /**
   * @param share which quantile, 0.5 to 1
   * @param alpha the chance that an end is on the wrong side, for each end
   * @return nanoseconds; the upper end is infinite where the requests are too few for one
   */
  static Bounds of(LatencyHistogram latencies, double share, double alpha) {
    long n = latencies.total();
    double above = 1 - share;
    // The quantile is at most the k-th from the top unless at most k - 1 requests lie above it.
    long fewest = mostWithin(n, above, alpha);
    // And at least the k-th from the top unless k or more lie above it.
    long most = fewestBeyond(n, above, alpha);
    double upper =
        fewest < 1
            ? Double.POSITIVE_INFINITY
            : LatencyHistogram.lowerNs(latencies.bucketOfRank(n - fewest + 1) + 1);
    double lower = most > n ? 0 : LatencyHistogram.lowerNs(latencies.bucketOfRank(n - most + 1));
    return new Bounds(lower, upper);
  }

  /**
   * The largest k for which the chance of at most k - 1 of n is at most alpha; 0 if there is none.
   */
  private static long mostWithin(long n, double chance, double alpha) {
    if (n > EXACT_TRIALS) {
      return Math.max(0, (long) Math.floor(byNormal(n, chance, -1, alpha)));
    }
    double mass = Math.exp(n * Math.log1p(-chance));
    double sum = 0;
    long k = 0;
    while (k <= n && sum + mass <= alpha) {
      sum += mass;
      mass *= (double) (n - k) / (k + 1) * chance / (1 - chance);
      k++;
    }
    return k;
  }

  /**
   * The smallest k for which the chance of k or more of n is at most alpha; n + 1 if there is none.
   */
  private static long fewestBeyond(long n, double chance, double alpha) {
    if (n > EXACT_TRIALS) {
      return (long) Math.ceil(byNormal(n, chance, 1, alpha)) + 1;
    }
    double mass = Math.exp(n * Math.log1p(-chance));
    double rest = 1;
    long k = 0;
    while (k <= n && rest > alpha) {
      rest -= mass;
      mass *= (double) (n - k) / (k + 1) * chance / (1 - chance);
      k++;
    }
    return rest > alpha ? n + 1 : k;
  }

  private static double byNormal(long n, double chance, int side, double alpha) {
    double z = SpecialFunctions.normalQuantileAbove(alpha);
    return n * chance + side * z * Math.sqrt(n * chance * (1 - chance));
  }
}
