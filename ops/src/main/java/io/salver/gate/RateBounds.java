package io.salver.gate;

/**
 * A confidence sequence for the rate of a Bernoulli process: with the chance 1 - alpha it holds the
 * rate at every moment together, however often somebody looks and whenever he stops.
 *
 * <p>Source: Robbins, "Statistical Methods Related to the Law of the Iterated Logarithm", Annals of
 * Mathematical Statistics 41(5), 1970: a rate is kept as long as the likelihood ratio of a mixture
 * over all rates against it, which is a martingale if that rate is the true one, stays below 1 /
 * alpha (Ville's inequality). The mixture is Beta(1/2, 1/2).
 */
final class RateBounds {
  private static final double PRIOR = 0.5;
  private static final double LOG_PRIOR = SpecialFunctions.logBeta(PRIOR, PRIOR);

  private RateBounds() {}

  /**
   * @param hits how often it happened
   * @param trials of how many
   * @param alpha the chance to miss the rate at any time
   */
  static Bounds of(long hits, long trials, double alpha) {
    if (trials == 0) {
      return new Bounds(0, 1);
    }
    double estimate = (double) hits / trials;
    double mixture = SpecialFunctions.logBeta(hits + PRIOR, trials - hits + PRIOR) - LOG_PRIOR;
    double least = mixture - Math.log(1 / alpha);
    return new Bounds(
        hits == 0 ? 0 : edge(hits, trials, least, estimate, 0),
        hits == trials ? 1 : edge(hits, trials, least, estimate, 1));
  }

  /** Where between a rate that is kept and one that is not the likelihood falls to the least. */
  private static double edge(long hits, long trials, double least, double kept, double left) {
    double inside = kept;
    double outside = left;
    for (int i = 0; i < 60; i++) {
      double middle = (inside + outside) / 2;
      if (logLikelihood(hits, trials, middle) > least) {
        inside = middle;
      } else {
        outside = middle;
      }
    }
    return outside;
  }

  private static double logLikelihood(long hits, long trials, double rate) {
    long misses = trials - hits;
    double ofHits = hits == 0 ? 0 : hits * Math.log(rate);
    double ofMisses = misses == 0 ? 0 : misses * Math.log1p(-rate);
    return ofHits + ofMisses;
  }
}
