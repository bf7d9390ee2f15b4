package io.salver.gate;

/**
 * Whether one side is slower than the other, and by what factor: the Mann-Whitney U test and the
 * Hodges-Lehmann estimate on logarithms, both from histograms.
 *
 * <p>Sources: Mann, Whitney, "On a Test of Whether one of Two Random Variables is Stochastically
 * Larger than the Other", Annals of Mathematical Statistics 18, 1947; Hodges, Lehmann, "Estimates
 * of Location Based on Rank Tests", Annals of Mathematical Statistics 34, 1963; the interval is
 * that of Lehmann, "Nonparametrics", 1975, section 2.5. Latencies in one bucket are ties, and the
 * variance is corrected for them.
 *
 * @param pSlower the chance of a U this large if the canary were as fast
 * @param ratio the median of all ratios of a canary's latency to a baseline's
 * @param ratioBounds where the factor lies, but for a chance of alpha at each end
 */
record LatencyShift(double pSlower, double ratio, Bounds ratioBounds) {
  /**
   * Both histograms hold at least one request; about 20 are needed for the normal approximation.
   */
  static LatencyShift of(LatencyHistogram baseline, LatencyHistogram canary, double alpha) {
    double pairs = (double) baseline.total() * canary.total();
    double deviation = deviationOfU(baseline, canary);
    double u = u(baseline, canary);
    double z = deviation == 0 ? 0 : (u - pairs / 2 - 0.5) / deviation;
    double reach = SpecialFunctions.normalQuantileAbove(alpha) * deviation;
    long[] differences = differences(baseline, canary);
    return new LatencyShift(
        SpecialFunctions.normalAbove(z),
        ratioAt(differences, pairs / 2),
        new Bounds(
            ratioAt(differences, pairs / 2 - reach), ratioAt(differences, pairs / 2 + reach)));
  }

  /** In how many pairs the canary is slower; ties count half. */
  private static double u(LatencyHistogram baseline, LatencyHistogram canary) {
    double u = 0;
    long faster = 0;
    for (int bucket = 0; bucket < LatencyHistogram.BUCKETS; bucket++) {
      u += canary.count(bucket) * (faster + baseline.count(bucket) / 2.0);
      faster += baseline.count(bucket);
    }
    return u;
  }

  private static double deviationOfU(LatencyHistogram baseline, LatencyHistogram canary) {
    double all = baseline.total() + canary.total();
    double ties = 0;
    for (int bucket = 0; bucket < LatencyHistogram.BUCKETS; bucket++) {
      double tied = baseline.count(bucket) + canary.count(bucket);
      ties += tied * tied * tied - tied;
    }
    double pairs = (double) baseline.total() * canary.total();
    return Math.sqrt(Math.max(0, pairs / 12 * (all + 1 - ties / (all * (all - 1)))));
  }

  /** How many pairs differ by how many buckets; no difference is in the middle. */
  private static long[] differences(LatencyHistogram baseline, LatencyHistogram canary) {
    int buckets = LatencyHistogram.BUCKETS;
    long[] differences = new long[2 * buckets - 1];
    for (int of = 0; of < buckets; of++) {
      long slower = canary.count(of);
      if (slower > 0) {
        for (int against = 0; against < buckets; against++) {
          differences[of - against + buckets - 1] += slower * baseline.count(against);
        }
      }
    }
    return differences;
  }

  /** The ratio that so many pairs do not pass. */
  private static double ratioAt(long[] differences, double rank) {
    double below = 0;
    int last = 0;
    for (int i = 0; i < differences.length; i++) {
      if (differences[i] > 0) {
        if (below + differences[i] >= rank) {
          double part = Math.max(0, (rank - below) / differences[i]) - 0.5;
          return LatencyHistogram.ratio(i - LatencyHistogram.BUCKETS + 1 + part);
        }
        below += differences[i];
        last = i;
      }
    }
    return LatencyHistogram.ratio(last - LatencyHistogram.BUCKETS + 1.5);
  }
}
