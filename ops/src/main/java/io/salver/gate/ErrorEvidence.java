package io.salver.gate;

/**
 * What speaks against "the canary fails no more often than the baseline": an e-process, built from
 * what came since the last look, look by look. If the claim is true, its value passes 1 / alpha at
 * any time at all with a chance of at most alpha.
 *
 * <p>Source: Turner, Ly, Gruenwald, "Generic E-variables for Exact Sequential k-Sample Tests that
 * Allow for Optional Stopping", Journal of Statistical Planning and Inference 230, 2024. For a
 * block of new requests on both sides, the likelihood of two rates learnt from the blocks before is
 * divided by that of their mean, weighted by the sizes of the block; no common rate, which may be
 * another one in each block, makes that larger than 1 on average, nor does a canary that fails
 * less. As long as the canary does not look worse, nothing is bet.
 *
 * @param logValue the logarithm of the value
 * @param baselineRequests all that were counted up to the last look
 * @param baselineErrors those of them that failed
 * @param canaryRequests all that were counted up to the last look
 * @param canaryErrors those of them that failed
 */
record ErrorEvidence(
    double logValue,
    long baselineRequests,
    long baselineErrors,
    long canaryRequests,
    long canaryErrors) {
  static final ErrorEvidence NONE = new ErrorEvidence(0, 0, 0, 0, 0);

  /** How many requests the pooled rate counts for in the estimate of each side. */
  private static final double PRIOR_REQUESTS = 10;

  /** Counts are those since the step began, and never fall. */
  ErrorEvidence seen(CanaryObservation.Side baseline, CanaryObservation.Side canary) {
    double pooled =
        (baselineErrors + canaryErrors + 0.5) / (baselineRequests + canaryRequests + 1.0);
    double ofBaseline = estimate(baselineErrors, baselineRequests, pooled);
    double ofCanary = estimate(canaryErrors, canaryRequests, pooled);
    double value = logValue;
    if (ofCanary > ofBaseline) {
      value +=
          logRatio(
              baseline.requests() - baselineRequests,
              baseline.errors() - baselineErrors,
              canary.requests() - canaryRequests,
              canary.errors() - canaryErrors,
              ofBaseline,
              ofCanary);
    }
    return new ErrorEvidence(
        value, baseline.requests(), baseline.errors(), canary.requests(), canary.errors());
  }

  private static double estimate(long errors, long requests, double pooled) {
    return (errors + PRIOR_REQUESTS * pooled) / (requests + PRIOR_REQUESTS);
  }

  private static double logRatio(
      long baselineRequests,
      long baselineErrors,
      long canaryRequests,
      long canaryErrors,
      double ofBaseline,
      double ofCanary) {
    long requests = baselineRequests + canaryRequests;
    if (requests == 0) {
      return 0;
    }
    double common = (baselineRequests * ofBaseline + canaryRequests * ofCanary) / requests;
    return baselineErrors * Math.log(ofBaseline / common)
        + (baselineRequests - baselineErrors) * Math.log((1 - ofBaseline) / (1 - common))
        + canaryErrors * Math.log(ofCanary / common)
        + (canaryRequests - canaryErrors) * Math.log((1 - ofCanary) / (1 - common));
  }
}
