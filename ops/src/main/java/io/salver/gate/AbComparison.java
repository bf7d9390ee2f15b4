package io.salver.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Compares routes by their rewards, each with each, at any time and as often as somebody likes:
 * with the chance 1 - alpha all intervals hold the true differences at all times together.
 *
 * <p>Sources: Robbins, "Statistical Methods Related to the Law of the Iterated Logarithm", Annals
 * of Mathematical Statistics 41(5), 1970 (the mixture over normal effects); Johari, Koomen,
 * Pekelis, Walsh, "Always Valid Inference: Continuous Monitoring of A/B Tests", Operations Research
 * 70(3), 2022 (p-values); Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-Uniform Central Limit
 * Theory and Asymptotic Confidence Sequences", Annals of Statistics 52(6), 2024 (why estimated
 * variances do, and how wide the mixture should be). As this is a limit theorem, nothing is said
 * below {@link #MIN_REWARDS} rewards a route. Pairs share alpha equally (Bonferroni).
 *
 * @param pairs each route with each later one
 * @param best the route that is better than every other, if one is shown to be
 */
public record AbComparison(List<Pair> pairs, OptionalInt best) {
  /** Rewards that each of two routes needs. */
  public static final int MIN_REWARDS = 100;

  /** The rewards a route for which the intervals are about as narrow as they can be. */
  private static final double TUNED_FOR = 1_000;

  public AbComparison {
    pairs = List.copyOf(pairs);
  }

  /**
   * Two routes.
   *
   * @param first the index of one
   * @param second the index of the other
   * @param difference the mean reward of the second less that of the first
   * @param lower the lower end of the difference's confidence sequence, at least -1
   * @param upper the upper end, at most 1
   * @param pValue an always-valid p-value of "there is no difference", times the number of pairs,
   *     at most 1
   */
  public record Pair(
      int first, int second, double difference, double lower, double upper, double pValue) {}

  /**
   * What the rewards so far show.
   *
   * @param routes at least two
   * @param alpha above 0, at most 0.5
   * @throws IllegalArgumentException if these cannot be
   */
  public static AbComparison of(List<Rewards> routes, double alpha) {
    if (routes.size() < 2) {
      throw new IllegalArgumentException("routes: " + routes.size() + " (expected: >= 2)");
    }
    if (!(alpha > 0 && alpha <= 0.5)) {
      throw new IllegalArgumentException("alpha: " + alpha + " (expected: above 0, at most 0.5)");
    }
    int count = routes.size() * (routes.size() - 1) / 2;
    List<Pair> pairs = new ArrayList<>();
    for (int first = 0; first < routes.size(); first++) {
      for (int second = first + 1; second < routes.size(); second++) {
        pairs.add(pair(first, second, routes, alpha / count, count));
      }
    }
    return new AbComparison(pairs, best(routes.size(), pairs));
  }

  private static Pair pair(int first, int second, List<Rewards> routes, double alpha, int pairs) {
    Rewards a = routes.get(first);
    Rewards b = routes.get(second);
    double difference = b.mean() - a.mean();
    if (Math.min(a.count(), b.count()) < MIN_REWARDS) {
      return new Pair(first, second, difference, -1, 1, 1);
    }
    double variance = a.variance() / a.count() + b.variance() / b.count();
    double logs = -2 * Math.log(alpha);
    double mixture = (a.variance() + b.variance()) * (logs + Math.log(logs + 1)) / TUNED_FOR;
    double growth = (variance + mixture) / variance;
    double reach =
        Math.sqrt(
            2 * variance * (variance + mixture) / mixture * Math.log(Math.sqrt(growth) / alpha));
    double logRatio =
        difference * difference * mixture / (2 * variance * (variance + mixture))
            - Math.log(growth) / 2;
    return new Pair(
        first,
        second,
        difference,
        Math.max(-1, difference - reach),
        Math.min(1, difference + reach),
        Math.min(1, pairs * Math.exp(-logRatio)));
  }

  private static OptionalInt best(int routes, List<Pair> pairs) {
    int[] beaten = new int[routes];
    for (Pair pair : pairs) {
      if (pair.lower() > 0) {
        beaten[pair.second()]++;
      } else if (pair.upper() < 0) {
        beaten[pair.first()]++;
      }
    }
    for (int route = 0; route < routes; route++) {
      if (beaten[route] == routes - 1) {
        return OptionalInt.of(route);
      }
    }
    return OptionalInt.empty();
  }
}
