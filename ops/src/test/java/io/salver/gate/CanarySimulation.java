package io.salver.gate;

import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;

/**
 * One canary from its start to its end, with traffic made up by a seed: requests come at a mean
 * rate that goes up and down; latencies are log-normal with a factor that both sides share and that
 * wanders from second to second; one of 200 requests takes eight times as long.
 */
final class CanarySimulation {
  private static final Instant START = Instant.parse("2026-11-27T10:00:00Z");
  private static final double SIGMA = 0.6;
  private static final double MEDIAN_NS = 20e6;

  /**
   * What the two versions are like.
   *
   * @param factor the canary's latency as a multiple of the baseline's
   * @param canaryErrors its rate of failures
   * @param baselineErrors the baseline's
   * @param differences the rate at which their answers differ
   */
  record Scenario(
      String name, double factor, double canaryErrors, double baselineErrors, double differences) {}

  /**
   * How it ended.
   *
   * @param requests of the whole endpoint until the end
   * @param canaryRequests those of them that the canary answered
   * @param canaryFailures those of them that failed
   */
  record Result(
      CanaryState state,
      Duration lasted,
      long requests,
      long canaryRequests,
      long canaryFailures) {}

  private final CanaryPlan plan;
  private final Scenario scenario;
  private final double requestsPerSecond;
  private final SplittableRandom random;
  private CanaryWindow window = new CanaryWindow();
  private double load;
  private long requests;
  private long canaryRequests;
  private long canaryFailures;

  CanarySimulation(CanaryPlan plan, Scenario scenario, double requestsPerSecond, long seed) {
    this.plan = plan;
    this.scenario = scenario;
    this.requestsPerSecond = requestsPerSecond;
    this.random = new SplittableRandom(seed);
  }

  Result run() {
    CanaryState state = Canary.start(plan, START);
    Instant windowOf = state.since();
    int second = 0;
    while (!state.ended() && state.phase() != CanaryState.Phase.PAUSED) {
      second++;
      traffic(state.weight() / 100, second);
      state = Canary.next(plan, state, window.observed(), START.plusSeconds(second));
      if (!state.since().equals(windowOf)) {
        windowOf = state.since();
        window = new CanaryWindow();
      }
    }
    return new Result(state, Duration.ofSeconds(second), requests, canaryRequests, canaryFailures);
  }

  private void traffic(double weight, int second) {
    load = 0.95 * load + 0.05 * random.nextGaussian();
    double mean = requestsPerSecond * (1 + 0.3 * Math.sin(second / 50.0));
    long count = Math.max(0, Math.round(mean + Math.sqrt(mean) * random.nextGaussian()));
    requests += count;
    for (long i = 0; i < count; i++) {
      double draw = random.nextDouble();
      if (draw < weight) {
        canaryRequests++;
        boolean failed = random.nextDouble() < scenario.canaryErrors();
        canaryFailures += failed ? 1 : 0;
        window.canary(latencyNs(scenario.factor()), failed);
        window.compared(random.nextDouble() < scenario.differences());
      } else if (draw < 2 * weight) {
        window.baseline(latencyNs(1), random.nextDouble() < scenario.baselineErrors());
      }
    }
  }

  private long latencyNs(double factor) {
    double spike = random.nextDouble() < 0.005 ? 8 : 1;
    return (long) (factor * spike * MEDIAN_NS * Math.exp(load + SIGMA * random.nextGaussian()));
  }
}
