package io.salver.routing;

import java.util.Arrays;

/**
 * What came of a route so far. Immutable.
 *
 * @param requests that took it
 * @param errors those of them that it did not answer
 * @param compared answers that were compared with another route's to the same request
 * @param different those of them that differed
 * @param latencies of those that it answered, as {@link LatencyCounts#counts}
 */
@SuppressWarnings("ArrayRecordComponent")
public record RouteStatistics(
    long requests, long errors, long compared, long different, long[] latencies) {
  /** What came since {@code before}, an earlier one of the same route. */
  public RouteStatistics since(RouteStatistics before) {
    long[] news = latencies.clone();
    Arrays.setAll(news, i -> Math.max(0, news[i] - before.latencies[i]));
    return new RouteStatistics(
        requests - before.requests,
        errors - before.errors,
        compared - before.compared,
        different - before.different,
        news);
  }

  /**
   * A quantile of the latencies.
   *
   * @param q from 0 to 1
   * @return nanoseconds, 1.1 % off at most; NaN if nothing was answered
   */
  public double latencyNs(double q) {
    long total = Arrays.stream(latencies).sum();
    long rank = (long) Math.ceil(q * total);
    long seen = 0;
    for (int i = 0; i < latencies.length; i++) {
      seen += latencies[i];
      if (seen >= rank && latencies[i] > 0) {
        return LatencyCounts.lowerNs(i + 0.5);
      }
    }
    return Double.NaN;
  }
}
