package io.salver.routing;

import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Thompson sampling: each arm's mean reward has a Beta distribution of what is known of it; a
 * choice draws one number from each and takes the arm with the largest. A reward between 0 and 1
 * counts as that part of a success.
 *
 * <p>Sources: Thompson, "On the Likelihood that One Unknown Probability Exceeds Another in View of
 * the Evidence of Two Samples", Biometrika 25, 1933; Agrawal, Goyal, "Analysis of Thompson Sampling
 * for the Multi-armed Bandit Problem", COLT 2012. With a {@code discount} below 1 all that is known
 * fades at each reward, so that an arm that changed is looked at again: Raj, Kalyani, "Taming
 * Non-stationary Bandits: A Bayesian Approach", 2017.
 */
final class Thompson implements Bandit {
  static final String NAME = "thompson";

  private static final String SUCCESSES = "successes";
  private static final String FAILURES = "failures";
  private static final double MAX_COUNT = 1e15;

  private final double discount;
  private final double[] successes;
  private final double[] failures;
  private final double[] probabilities;

  private Thompson(double discount, double[] successes, double[] failures) {
    this.discount = discount;
    this.successes = successes;
    this.failures = failures;
    this.probabilities = LargestBeta.probabilities(successes, failures);
  }

  static Thompson create(int arms, BanditOptions options) {
    return new Thompson(
        options.number("discount", 0.998, 0.5, 1), new double[arms], new double[arms]);
  }

  Thompson restored(StateReader state) {
    return new Thompson(
        discount,
        state.vector(SUCCESSES, arms(), 0, MAX_COUNT),
        state.vector(FAILURES, arms(), 0, MAX_COUNT));
  }

  @Override
  public int arms() {
    return successes.length;
  }

  @Override
  public Choice choose(double[] context, RandomGenerator random) {
    double[] draws = new double[arms()];
    for (int arm = 0; arm < draws.length; arm++) {
      draws[arm] = beta(1 + successes[arm], 1 + failures[arm], random);
    }
    int arm = Simplex.argMax(draws);
    return new Choice(arm, probabilities[arm]);
  }

  private static double beta(double a, double b, RandomGenerator random) {
    double x = gamma(a, random);
    return x / (x + gamma(b, random));
  }

  /**
   * A number with the gamma distribution of this shape, at least 1, by rejection. Source:
   * Marsaglia, Tsang, "A Simple Method for Generating Gamma Variables", ACM TOMS 26(3), 2000.
   */
  private static double gamma(double shape, RandomGenerator random) {
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = 1 + c * x;
      if (v > 0) {
        v = v * v * v;
        if (Math.log(1 - random.nextDouble()) < 0.5 * x * x + d * (1 - v + Math.log(v))) {
          return d * v;
        }
      }
    }
  }

  @Override
  public Thompson learn(int arm, double probability, double[] context, double reward) {
    Checks.reward(arms(), arm, probability, reward);
    double[] more = new double[arms()];
    double[] less = new double[arms()];
    for (int i = 0; i < more.length; i++) {
      more[i] = discount * successes[i];
      less[i] = discount * failures[i];
    }
    more[arm] = Math.min(MAX_COUNT, more[arm] + reward);
    less[arm] = Math.min(MAX_COUNT, less[arm] + 1 - reward);
    return new Thompson(discount, more, less);
  }

  @Override
  public double[] weights() {
    return probabilities.clone();
  }

  @Override
  public BanditState state() {
    return new BanditState(
        NAME,
        Map.of(
            SUCCESSES, StateReader.list(successes),
            FAILURES, StateReader.list(failures)));
  }
}
