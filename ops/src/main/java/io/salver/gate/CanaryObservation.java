package io.salver.gate;

import io.salver.routing.RouteStatistics;

/**
 * What both sides of a canary did since its step began. Made by {@link #of}.
 *
 * @param baseline requests that the old version answered at the same time, as fair as can be:
 *     chosen at random, as many as the canary's if there are as many
 * @param canary requests that the new version answered
 * @param compared requests that both answered, so that their answers could be compared
 * @param different those of them whose answers differ
 */
public record CanaryObservation(Side baseline, Side canary, long compared, long different) {
  public CanaryObservation {
    if (different < 0 || compared < different) {
      throw new IllegalArgumentException(
          "different answers: " + different + " of " + compared + " (expected: 0 to all)");
    }
  }

  /** Nothing so far. */
  public static final CanaryObservation EMPTY = new CanaryObservation(Side.EMPTY, Side.EMPTY, 0, 0);

  /** What two routes came to since the step began, the canary's answers compared. */
  public static CanaryObservation of(RouteStatistics baseline, RouteStatistics canary) {
    return new CanaryObservation(
        side(baseline), side(canary), canary.compared(), canary.different());
  }

  private static Side side(RouteStatistics route) {
    return new Side(
        Math.max(route.requests(), route.errors()),
        route.errors(),
        new LatencyHistogram(route.latencies()));
  }

  /**
   * One side.
   *
   * @param requests that were answered or failed
   * @param errors those of them that failed
   * @param latencies of those that did not fail
   */
  public record Side(long requests, long errors, LatencyHistogram latencies) {
    static final Side EMPTY = new Side(0, 0, LatencyHistogram.EMPTY);

    public Side {
      if (errors < 0 || requests < errors) {
        throw new IllegalArgumentException(
            "errors: " + errors + " of " + requests + " requests (expected: 0 to all)");
      }
    }

    double errorRate() {
      return requests == 0 ? 0 : (double) errors / requests;
    }
  }
}
