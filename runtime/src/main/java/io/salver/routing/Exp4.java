package io.salver.routing;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Exponential weights over experts that advise by the context: as good, in the long run, as the
 * best of them.
 *
 * <p>Source: Auer, Cesa-Bianchi, Freund, Schapire, "The Nonstochastic Multiarmed Bandit Problem",
 * SIAM Journal on Computing 32(1), 2002, section 7. With {@code share} 0 its expected regret
 * against the best of N experts is at most (e - 1) g G + K ln(N) / g (theorem 7.1), where K is the
 * number of arms, g is {@code exploration} and G is what the best expert earns. The sharing of
 * weights is that of Exp3.S (section 8 there), applied to experts.
 */
final class Exp4 implements Bandit {
  static final String NAME = "exp4";

  private static final String LOG_WEIGHTS = "log_weights";
  private static final String SHARES = "shares";
  private static final int MAX_EXPERTS = 10_000;
  private static final double AVERAGE_STEP = 0.01;

  private final double exploration;
  private final double share;
  private final Experts experts;
  private final double[] logWeights;
  private final double[] weights;
  private final double[] shares;

  private Exp4(
      double exploration, double share, Experts experts, double[] logWeights, double[] shares) {
    this.exploration = exploration;
    this.share = share;
    this.experts = experts;
    this.logWeights = logWeights;
    this.weights = LogWeights.normalized(logWeights);
    this.shares = shares;
  }

  static Exp4 create(int arms, int contextLength, BanditOptions options) {
    int outside = options.count("experts", 0, MAX_EXPERTS);
    if (outside > 0 && contextLength != (long) outside * arms) {
      throw new IllegalArgumentException(
          "context: "
              + contextLength
              + " (expected: "
              + (long) outside * arms
              + ", the advice of "
              + outside
              + " experts for "
              + arms
              + " arms)");
    }
    long count = outside > 0 ? outside : 1 + arms + (long) contextLength * arms * (arms - 1);
    if (count > MAX_EXPERTS) {
      throw new IllegalArgumentException(
          NAME
              + ": "
              + contextLength
              + " features and "
              + arms
              + " arms make "
              + count
              + " experts (expected: <= "
              + MAX_EXPERTS
              + ")");
    }
    Experts experts =
        outside > 0
            ? new Experts.Outside(outside, arms)
            : new Experts.Splits(arms, new double[contextLength], 0);
    return new Exp4(
        options.number("exploration", 0.1, 1e-6, 1),
        options.number("share", 1e-5, 0, 1),
        experts,
        new double[experts.count()],
        Simplex.uniform(arms));
  }

  Exp4 restored(StateReader state) {
    return new Exp4(
        exploration,
        share,
        experts.restored(state),
        state.logWeights(LOG_WEIGHTS, logWeights.length),
        state.distribution(SHARES, arms()));
  }

  @Override
  public int arms() {
    return shares.length;
  }

  @Override
  public Choice choose(double[] context, RandomGenerator random) {
    double[] probabilities = probabilities(experts.advise(context));
    int arm = Simplex.draw(probabilities, random);
    return new Choice(arm, probabilities[arm]);
  }

  private double[] probabilities(double[][] advice) {
    double[] mixed = new double[arms()];
    for (int expert = 0; expert < weights.length; expert++) {
      for (int arm = 0; arm < mixed.length; arm++) {
        mixed[arm] += weights[expert] * advice[expert][arm];
      }
    }
    return Exp3.explored(mixed, exploration);
  }

  @Override
  public Exp4 learn(int arm, double probability, double[] context, double reward) {
    Checks.reward(arms(), arm, probability, reward);
    double[][] advice = experts.advise(context);
    double gain = exploration / arms() * Exp3.unbiased(reward, probability, exploration, arms());
    double[] gains = new double[logWeights.length];
    for (int expert = 0; expert < gains.length; expert++) {
      gains[expert] = gain * advice[expert][arm];
    }
    return new Exp4(
        exploration,
        share,
        experts.seen(context),
        LogWeights.raised(logWeights, gains, share),
        Simplex.moved(shares, probabilities(advice), AVERAGE_STEP));
  }

  @Override
  public double[] weights() {
    return shares.clone();
  }

  @Override
  public BanditState state() {
    Map<String, List<Double>> numbers = new HashMap<>(experts.numbers());
    numbers.put(LOG_WEIGHTS, StateReader.list(logWeights));
    numbers.put(SHARES, StateReader.list(shares));
    return new BanditState(NAME, numbers);
  }
}
