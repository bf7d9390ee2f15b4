package io.salver.gate;

/**
 * What the last look at the latencies showed. Looks are taken when both sides have half as many
 * samples again as at the last look; the k-th, from 1, may err with the chance alpha / (k (k + 1)),
 * which sums to alpha over all of them.
 *
 * @param looks how many there were
 * @param samples of the side with fewer, at the last look
 * @param alpha what the last look could err with
 * @param pSlower of the Mann-Whitney test, one-sided
 * @param ratio the canary's latency as a multiple of the baseline's (Hodges-Lehmann)
 * @param ratioLower its lower bound
 * @param ratioUpper its upper bound
 * @param tailRatioLower the lower bound of the canary's p99 as a multiple of the upper bound of the
 *     baseline's; 0 if there are too few samples to compare them
 */
record LatencyEvidence(
    int looks,
    long samples,
    double alpha,
    double pSlower,
    double ratio,
    double ratioLower,
    double ratioUpper,
    double tailRatioLower) {
  static final LatencyEvidence NONE = new LatencyEvidence(0, 0, 0, 1, 1, 0, Double.MAX_VALUE, 0);

  private static final double GROWTH = 1.5;
  private static final double TAIL = 0.99;

  LatencyEvidence seen(
      LatencyHistogram baseline, LatencyHistogram canary, CanaryPlan plan, double alphaOfAll) {
    long fewer = Math.min(baseline.total(), canary.total());
    if (fewer < plan.minSamples() || fewer < GROWTH * samples) {
      return this;
    }
    // Half for the whole distribution, half for its tail.
    double spent = alphaOfAll / ((looks + 1.0) * (looks + 2.0)) / 2;
    LatencyShift shift = LatencyShift.of(baseline, canary, spent);
    double tail = 0;
    if (fewer >= CanaryPlan.MIN_TAIL_SAMPLES) {
      Bounds ofBaseline = QuantileBounds.of(baseline, TAIL, spent / 2);
      Bounds ofCanary = QuantileBounds.of(canary, TAIL, spent / 2);
      tail = ofCanary.lower() / ofBaseline.upper();
    }
    return new LatencyEvidence(
        looks + 1,
        fewer,
        spent,
        shift.pSlower(),
        shift.ratio(),
        shift.ratioBounds().lower(),
        shift.ratioBounds().upper(),
        tail);
  }
}
