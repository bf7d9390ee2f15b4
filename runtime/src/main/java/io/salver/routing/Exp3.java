package io.salver.routing;

import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Exponential weights for exploration and exploitation: nothing is assumed of the rewards, which
 * may even be chosen by an adversary.
 *
 * <p>Source: Auer, Cesa-Bianchi, Freund, Schapire, "The Nonstochastic Multiarmed Bandit Problem",
 * SIAM Journal on Computing 32(1), 2002. With {@code share} 0 this is Exp3, whose expected regret
 * against the best single arm after T rewards is at most (e - 1) g G + K ln(K) / g, where K is the
 * number of arms, g is {@code exploration} and G, at most T, is what the best arm earns (theorem
 * 3.1); with the best g for T that is at most 2.63 sqrt(T K ln K) (corollary 3.2). With a {@code
 * share} above 0 it is Exp3.S (section 8), which competes with the best sequence of arms with few
 * changes: an arm that degraded is left, and one that recovers is found again.
 */
final class Exp3 implements Bandit {
  static final String NAME = "exp3";

  private static final String LOG_WEIGHTS = "log_weights";

  private final double exploration;
  private final double share;
  private final double[] logWeights;
  private final double[] probabilities;

  private Exp3(double exploration, double share, double[] logWeights) {
    this.exploration = exploration;
    this.share = share;
    this.logWeights = logWeights;
    this.probabilities = explored(LogWeights.normalized(logWeights), exploration);
  }

  static Exp3 create(int arms, BanditOptions options) {
    return new Exp3(
        options.number("exploration", 0.1, 1e-6, 1),
        options.number("share", 1e-5, 0, 1),
        new double[arms]);
  }

  Exp3 restored(StateReader state) {
    return new Exp3(exploration, share, state.logWeights(LOG_WEIGHTS, arms()));
  }

  /** The weights with the share that goes to all arms alike. */
  static double[] explored(double[] weights, double exploration) {
    double[] result = new double[weights.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (1 - exploration) * weights[i] + exploration / weights.length;
    }
    return result;
  }

  /**
   * The reward divided by the probability of its choice: on average the reward itself, for every
   * arm. No probability of ours is below what exploration alone gives; what says so was chosen
   * under other options, and must not move the weights further than ours can.
   */
  static double unbiased(double reward, double probability, double exploration, int arms) {
    return reward / Math.max(probability, exploration / arms);
  }

  @Override
  public int arms() {
    return logWeights.length;
  }

  @Override
  public Choice choose(double[] context, RandomGenerator random) {
    int arm = Simplex.draw(probabilities, random);
    return new Choice(arm, probabilities[arm]);
  }

  @Override
  public Exp3 learn(int arm, double probability, double[] context, double reward) {
    Checks.reward(arms(), arm, probability, reward);
    double[] gains = new double[arms()];
    gains[arm] = exploration / arms() * unbiased(reward, probability, exploration, arms());
    return new Exp3(exploration, share, LogWeights.raised(logWeights, gains, share));
  }

  @Override
  public double[] weights() {
    return probabilities.clone();
  }

  @Override
  public BanditState state() {
    return new BanditState(NAME, Map.of(LOG_WEIGHTS, StateReader.list(logWeights)));
  }
}
