package io.salver.routing;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Which of an endpoint's routes answers a request. Immutable. */
public sealed interface Policy {
  /** How far the shares of a split may be from 100 together. */
  double SHARE_TOLERANCE = 1e-6;

  /** How many routes a policy may have at most. */
  int MAX_ROUTES = 64;

  /** All routes, in the order in which answers and statistics count them. */
  List<Route> routes();

  /** One route answers everything. */
  record Direct(Route route) implements Policy {
    @Override
    public List<Route> routes() {
      return List.of(route);
    }
  }

  /** Each route answers its share; the shares make 100 together. */
  record Split(List<Route> routes) implements Policy {
    public Split {
      routes = checked("split", routes, 1);
      double sum = routes.stream().mapToDouble(Route::weight).sum();
      if (Math.abs(sum - 100) > SHARE_TOLERANCE) {
        throw new IllegalArgumentException(
            "weights of split: " + sum + " together (expected: 100)");
      }
    }
  }

  /**
   * A new version takes over step by step, or is taken back.
   *
   * @param baseline what answers now
   * @param canary what is to take over
   * @param steps the canary's share at each step in percent, rising, above 0 and below 100
   * @param stepDuration how long each step lasts at least
   * @param limits what the canary may not pass
   */
  record Canary(
      Route baseline, Route canary, List<Double> steps, Duration stepDuration, CanaryLimits limits)
      implements Policy {
    public Canary {
      checked("canary", List.of(baseline, canary), 2);
      steps = List.copyOf(steps);
      double before = 0;
      for (double step : steps) {
        if (!(step > before && step < 100)) {
          throw new IllegalArgumentException(
              "steps of canary: "
                  + steps
                  + " (expected: rising shares above 0 and below 100, for there has to be somebody to"
                  + " compare with)");
        }
        before = step;
      }
      if (steps.isEmpty()) {
        throw new IllegalArgumentException("steps of canary: none (expected: at least one)");
      }
      if (stepDuration.isNegative() || stepDuration.isZero()) {
        throw new IllegalArgumentException(
            "step of canary: " + stepDuration + " (expected: longer than 0)");
      }
    }

    @Override
    public List<Route> routes() {
      return List.of(baseline, canary);
    }
  }

  /**
   * What makes a canary be taken back.
   *
   * @param maxErrorRateIncrease how much larger its share of failed requests may be, as a fraction
   *     of all requests
   * @param maxLatencyIncrease how much slower it may be, as a fraction of the baseline's latency
   * @param maxDifferenceRate the fraction of its answers that may differ from the baseline's; empty
   *     if they are not compared
   */
  record CanaryLimits(
      double maxErrorRateIncrease, double maxLatencyIncrease, Optional<Double> maxDifferenceRate) {
    public CanaryLimits {
      fraction("max_error_rate_increase", maxErrorRateIncrease, 1);
      fraction("max_latency_increase", maxLatencyIncrease, 100);
      maxDifferenceRate.ifPresent(rate -> fraction("max_difference_rate", rate, 1));
    }
  }

  /**
   * One route answers, and others get a copy that nobody waits for.
   *
   * @param percent the share of requests that are copied
   */
  record Shadow(Route route, List<Route> shadows, double percent) implements Policy {
    public Shadow {
      shadows = checked("shadow", shadows, 1);
      if (!(percent > 0 && percent <= 100)) {
        throw new IllegalArgumentException(
            "percent of shadow: " + percent + " (expected: above 0, at most 100)");
      }
    }

    @Override
    public List<Route> routes() {
      return Stream.concat(Stream.of(route), shadows.stream()).toList();
    }
  }

  /** Routes that are compared by the feedback on them; all have the same share. */
  record Ab(List<Route> routes) implements Policy {
    public Ab {
      routes = checked("ab", routes, 2);
    }
  }

  /** The algorithms of {@link BanditRoutes}. */
  enum Algorithm {
    EXP3,
    EXP4,
    THOMPSON,
    LINUCB
  }

  /**
   * Routes whose shares follow the feedback on them.
   *
   * @param features the inputs of one number each by which LinUCB and Exp4 decide; empty for the
   *     others
   */
  record BanditRoutes(Algorithm algorithm, List<Route> routes, List<String> features)
      implements Policy {
    public BanditRoutes {
      routes = checked("bandit", routes, 2);
      features = List.copyOf(features);
      boolean fits =
          switch (algorithm) {
            case EXP3, THOMPSON -> features.isEmpty();
            case EXP4 -> true;
            case LINUCB -> !features.isEmpty();
          };
      if (!fits || features.size() > Prediction.MAX_CONTEXT) {
        throw new IllegalArgumentException(
            "features of bandit "
                + algorithm
                + ": "
                + features
                + " (expected: names of inputs for LINUCB and, if wanted, EXP4; none for the others;"
                + " at most "
                + Prediction.MAX_CONTEXT
                + ")");
      }
    }
  }

  /** How the members of an ensemble make one answer. */
  enum Combine {
    MAJORITY,
    MEAN,
    WEIGHTED,
    STACK
  }

  /**
   * All routes answer, and one answer is made of theirs. At the endpoint's objective it is made of
   * those that have come.
   *
   * @param minConfidence the share of members that must agree; else the default answers
   * @param stack for {@link Combine#STACK}: the model that gets the members' outputs
   */
  record Ensemble(Combine combine, List<Route> members, double minConfidence, Optional<Route> stack)
      implements Policy {
    public Ensemble {
      members = checked("ensemble", members, 2);
      fraction("min_confidence", minConfidence, 1);
      if (stack.isPresent() != (combine == Combine.STACK)) {
        throw new IllegalArgumentException(
            "stack of ensemble that combines by "
                + combine
                + ": "
                + stack
                + " (expected: a route for STACK, none for the others)");
      }
    }

    @Override
    public List<Route> routes() {
      return members;
    }
  }

  /**
   * The first route answers; where it is not sure, the next.
   *
   * @param minConfidence the probability of the likeliest class from which an answer counts as sure
   */
  record Cascade(List<Route> routes, double minConfidence) implements Policy {
    public Cascade {
      routes = checked("cascade", routes, 2);
      fraction("min_confidence", minConfidence, 1);
    }
  }

  private static List<Route> checked(String policy, List<Route> routes, int least) {
    if (routes.size() < least || routes.size() > MAX_ROUTES) {
      throw new IllegalArgumentException(
          "routes of "
              + policy
              + ": "
              + routes.size()
              + " (expected: from "
              + least
              + " to "
              + MAX_ROUTES
              + ")");
    }
    Set<String> seen = new HashSet<>();
    for (Route route : routes) {
      if (!seen.add(route.toString())) {
        throw new IllegalArgumentException(
            "routes of " + policy + ": " + route + " twice (expected: once)");
      }
    }
    return List.copyOf(routes);
  }

  private static void fraction(String name, double value, double most) {
    if (!(value >= 0 && value <= most)) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: from 0 to " + most + ")");
    }
  }
}
