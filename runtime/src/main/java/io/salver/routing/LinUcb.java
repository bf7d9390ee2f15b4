package io.salver.routing;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * LinUCB with disjoint linear models: each arm's mean reward is taken to be linear in the features
 * (and a constant), and the arm with the largest upper confidence bound is chosen; arms that are
 * equal share the choice.
 *
 * <p>Source: Li, Chu, Langford, Schapire, "A Contextual-Bandit Approach to Personalized News
 * Article Recommendation", WWW 2010, algorithm 1, with ridge 1. With a {@code discount} below 1
 * what is known of all arms fades at each reward, and their bounds widen again: Russac, Vernade,
 * Cappe, "Weighted Linear Bandits for Non-Stationary Environments", NeurIPS 2019. Features should
 * be of the order of 1.
 *
 * <p>To choose costs {@code arms * features^2}; to learn {@code arms * features^3}, or without a
 * discount {@code features^3}.
 */
final class LinUcb implements Bandit {
  static final String NAME = "linucb";

  private static final int MAX_FEATURES = 64;
  private static final int MAX_NUMBERS = 1_000_000;
  private static final double MAX_SUM = 1e15;
  private static final double AVERAGE_STEP = 0.01;
  private static final double TIE = 1e-12;
  private static final String SHARES = "shares";

  private final double alpha;
  private final double discount;
  private final RidgeModel[] models;
  private final double[] shares;

  private LinUcb(double alpha, double discount, RidgeModel[] models, double[] shares) {
    this.alpha = alpha;
    this.discount = discount;
    this.models = models;
    this.shares = shares;
  }

  static LinUcb create(int arms, int contextLength, BanditOptions options) {
    if (contextLength > MAX_FEATURES
        || (long) arms * (contextLength + 1) * (contextLength + 1) > MAX_NUMBERS) {
      throw new IllegalArgumentException(
          NAME
              + ": "
              + contextLength
              + " features for "
              + arms
              + " arms (expected: <= "
              + MAX_FEATURES
              + " features, arms * (features + 1)^2 <= "
              + MAX_NUMBERS
              + ")");
    }
    RidgeModel[] models = new RidgeModel[arms];
    for (int arm = 0; arm < arms; arm++) {
      models[arm] = RidgeModel.empty(contextLength + 1);
    }
    return new LinUcb(
        options.number("alpha", 0.5, 0, 100),
        options.number("discount", 0.999, 0.5, 1),
        models,
        Simplex.uniform(arms));
  }

  LinUcb restored(StateReader state) {
    int length = models[0].length();
    RidgeModel[] read = new RidgeModel[models.length];
    for (int arm = 0; arm < read.length; arm++) {
      double[] gram = state.vector("gram_" + arm, length * length, -MAX_SUM, MAX_SUM);
      double[] response = state.vector("response_" + arm, length, -MAX_SUM, MAX_SUM);
      read[arm] = RidgeModel.of(gram, response);
    }
    return new LinUcb(alpha, discount, read, state.distribution(SHARES, arms()));
  }

  @Override
  public int arms() {
    return models.length;
  }

  @Override
  public Choice choose(double[] context, RandomGenerator random) {
    double[] x = withConstant(context);
    double[] bounds = new double[arms()];
    double best = Double.NEGATIVE_INFINITY;
    for (int arm = 0; arm < bounds.length; arm++) {
      bounds[arm] = models[arm].mean(x) + alpha * models[arm].deviation(x);
      best = Math.max(best, bounds[arm]);
    }
    int equal = 0;
    for (double bound : bounds) {
      equal += isBest(bound, best) ? 1 : 0;
    }
    int wanted = random.nextInt(equal);
    int arm = 0;
    while (!isBest(bounds[arm], best) || wanted-- > 0) {
      arm++;
    }
    return new Choice(arm, 1.0 / equal);
  }

  private static boolean isBest(double bound, double best) {
    return bound >= best - TIE * Math.max(1, Math.abs(best));
  }

  private double[] withConstant(double[] context) {
    int features = models[0].length() - 1;
    Checks.context(features, context);
    double[] x = new double[features + 1];
    System.arraycopy(context, 0, x, 0, features);
    x[features] = 1;
    return x;
  }

  @Override
  public LinUcb learn(int arm, double probability, double[] context, double reward) {
    Checks.reward(arms(), arm, probability, reward);
    double[] x = withConstant(context);
    RidgeModel[] learnt = models.clone();
    for (int i = 0; i < learnt.length; i++) {
      if (i == arm) {
        learnt[i] = models[i].learn(discount, x, reward);
      } else if (discount < 1) {
        learnt[i] = models[i].faded(discount);
      }
    }
    double[] chosen = new double[arms()];
    chosen[arm] = 1;
    return new LinUcb(alpha, discount, learnt, Simplex.moved(shares, chosen, AVERAGE_STEP));
  }

  @Override
  public double[] weights() {
    return shares.clone();
  }

  @Override
  public BanditState state() {
    Map<String, List<Double>> numbers = new HashMap<>();
    numbers.put(SHARES, StateReader.list(shares));
    for (int arm = 0; arm < models.length; arm++) {
      numbers.put("gram_" + arm, StateReader.list(models[arm].gram()));
      numbers.put("response_" + arm, StateReader.list(models[arm].response()));
    }
    return new BanditState(NAME, numbers);
  }
}
