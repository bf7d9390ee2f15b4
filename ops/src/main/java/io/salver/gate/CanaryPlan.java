package io.salver.gate;

import io.salver.routing.Policy;
import java.time.Duration;
import java.util.List;

/**
 * How a canary goes on, and how sure its analysis has to be.
 *
 * @param steps the canary's share at each step in percent, rising, above 0 and at most 100
 * @param stepDuration how long each step lasts at least
 * @param limits what the canary may not pass; each above 0, since no number of requests could show
 *     that nothing at all is worse
 * @param alpha the chance that a canary that is no worse fails anywhere on its way; above 0, at
 *     most 0.5
 * @param minSamples the latencies that each side needs before they are looked at, at least 20
 * @param patience how long a step may go on without a verdict before it pauses; at least
 *     stepDuration
 * @param noDataAfter how long a side may be without requests before the canary pauses; above 0
 */
public record CanaryPlan(
    List<Double> steps,
    Duration stepDuration,
    Policy.CanaryLimits limits,
    double alpha,
    int minSamples,
    Duration patience,
    Duration noDataAfter) {
  /**
   * The requests without an error that each side needs before their 99th percentiles are compared:
   * with fewer, no latency is above the percentile with a chance of 99 %.
   */
  public static final int MIN_TAIL_SAMPLES = 459;

  private static final double DEFAULT_ALPHA = 0.01;
  private static final int DEFAULT_MIN_SAMPLES = 50;
  private static final int DEFAULT_PATIENCE_STEPS = 10;
  private static final Duration SHORTEST_NO_DATA = Duration.ofMinutes(5);

  public CanaryPlan {
    steps = List.copyOf(steps);
    positive("max_error_rate_increase", limits.maxErrorRateIncrease());
    positive("max_latency_increase", limits.maxLatencyIncrease());
    limits.maxDifferenceRate().ifPresent(rate -> positive("max_difference_rate", rate));
    if (!(alpha > 0 && alpha <= 0.5)) {
      throw new IllegalArgumentException("alpha: " + alpha + " (expected: above 0, at most 0.5)");
    }
    if (minSamples < 20) {
      throw new IllegalArgumentException("min samples: " + minSamples + " (expected: >= 20)");
    }
    if (patience.compareTo(stepDuration) < 0) {
      throw new IllegalArgumentException(
          "patience: " + patience + " (expected: at least the step's " + stepDuration + ")");
    }
    if (!noDataAfter.isPositive()) {
      throw new IllegalArgumentException("no data after: " + noDataAfter + " (expected: > 0)");
    }
  }

  private static void positive(String name, double limit) {
    if (!(limit > 0)) {
      throw new IllegalArgumentException(
          name + ": " + limit + " (expected: above 0; nothing can be shown to be exactly equal)");
    }
  }

  /**
   * The plan of this policy with the defaults: an alpha of 0.01, 50 samples, a patience of ten
   * steps, a pause after five minutes (or a step, if that is longer) without requests.
   *
   * @throws IllegalArgumentException if a limit is 0
   */
  public static CanaryPlan of(Policy.Canary policy) {
    Duration step = policy.stepDuration();
    return new CanaryPlan(
        policy.steps(),
        step,
        policy.limits(),
        DEFAULT_ALPHA,
        DEFAULT_MIN_SAMPLES,
        step.multipliedBy(DEFAULT_PATIENCE_STEPS),
        step.compareTo(SHORTEST_NO_DATA) > 0 ? step : SHORTEST_NO_DATA);
  }

  /** The share that the canary has after this step: 100 after the last one. */
  double nextWeight(int step) {
    return step + 1 < steps.size() ? steps.get(step + 1) : 100;
  }

  /** What each of the checks of one step may err with. */
  double alphaOfCheck() {
    int checks = limits.maxDifferenceRate().isPresent() ? 3 : 2;
    return alpha / checks / steps.size();
  }
}
