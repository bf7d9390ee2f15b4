package io.salver.routing;

import java.util.Map;

/**
 * Weights of an ensemble's members, learnt from what each of them lost: multiplicative weights with
 * full information (Hedge), where a share of the weights goes round so that a member that recovers
 * is found again.
 *
 * <p>Sources: Freund, Schapire, "A Decision-Theoretic Generalization of On-Line Learning and an
 * Application to Boosting", JCSS 55(1), 1997; Herbster, Warmuth, "Tracking the Best Expert",
 * Machine Learning 32, 1998 (fixed share). Members that did not answer neither win nor lose against
 * those that did: Freund, Schapire, Singer, Warmuth, "Using and Combining Predictors That
 * Specialize", STOC 1997.
 *
 * <p>A value: {@link #learn} answers with the weights that hold from then on. Threads may share it.
 */
public final class ExpertWeights {
  private static final String NAME = "expert_weights";
  private static final String LOG_WEIGHTS = "log_weights";

  private final double rate;
  private final double share;
  private final double[] logWeights;
  private final double[] weights;

  private ExpertWeights(double rate, double share, double[] logWeights) {
    this.rate = rate;
    this.share = share;
    this.logWeights = logWeights;
    this.weights = LogWeights.normalized(logWeights);
  }

  /**
   * Equal weights.
   *
   * @param members how many, at least 1
   * @param rate by how much a lost 1 divides a weight, as a logarithm; above 0, at most 10. For T
   *     losses known before, sqrt(8 ln(members) / T) gives the bound of Freund and Schapire
   * @param share what goes round at each loss, 0 to 1; 0 never forgets
   * @throws IllegalArgumentException if one of these cannot be
   */
  public static ExpertWeights create(int members, double rate, double share) {
    if (members < 1) {
      throw new IllegalArgumentException("members: " + members + " (expected: >= 1)");
    }
    if (!(rate > 0 && rate <= 10)) {
      throw new IllegalArgumentException("rate: " + rate + " (expected: above 0, at most 10)");
    }
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("share: " + share + " (expected: 0 to 1)");
    }
    return new ExpertWeights(rate, share, new double[members]);
  }

  /**
   * Those that had learnt {@code state}; the other arguments are those of {@link #create}.
   *
   * @throws IllegalArgumentException if the state is not of so many members, or could not be
   */
  public static ExpertWeights restore(int members, double rate, double share, BanditState state) {
    ExpertWeights fresh = create(members, rate, share);
    StateReader reader = new StateReader(NAME, state);
    double[] logWeights = reader.logWeights(LOG_WEIGHTS, members);
    reader.refuseOthers();
    return new ExpertWeights(fresh.rate, fresh.share, logWeights);
  }

  /**
   * What the members lost with one request is known.
   *
   * @param losses 0 to 1 for each member; NaN for one that did not answer
   * @return what to go on with
   * @throws IllegalArgumentException if there are not as many losses as members, or one cannot be
   */
  public ExpertWeights learn(double[] losses) {
    if (losses.length != weights.length) {
      throw new IllegalArgumentException(
          "losses: " + losses.length + " (expected: " + weights.length + ")");
    }
    double absent = meanLoss(losses);
    double[] gains = new double[losses.length];
    for (int i = 0; i < losses.length; i++) {
      gains[i] = -rate * (Double.isNaN(losses[i]) ? absent : losses[i]);
    }
    return new ExpertWeights(rate, share, LogWeights.raised(logWeights, gains, share));
  }

  /** What those that answered lost together, as one factor on their weights. */
  private double meanLoss(double[] losses) {
    double before = 0;
    double after = 0;
    for (int i = 0; i < losses.length; i++) {
      if (losses[i] < 0 || losses[i] > 1) {
        throw new IllegalArgumentException(
            "loss of member " + i + ": " + losses[i] + " (expected: 0 to 1, or NaN)");
      }
      if (!Double.isNaN(losses[i])) {
        before += weights[i];
        after += weights[i] * Math.exp(-rate * losses[i]);
      }
    }
    return before > 0 ? -Math.log(after / before) / rate : 0;
  }

  /** The members' weights, {@code [members]}, summing to 1; the caller's own copy. */
  public double[] weights() {
    return weights.clone();
  }

  /** All that has been learnt; {@link #restore} makes the weights again. */
  public BanditState state() {
    return new BanditState(NAME, Map.of(LOG_WEIGHTS, StateReader.list(logWeights)));
  }
}
