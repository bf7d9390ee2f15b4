package io.salver.routing;

import java.util.concurrent.atomic.LongAdder;

/** Counts what comes of a route. Thread-safe. */
final class RouteCounters {
  private final LongAdder requests = new LongAdder();
  private final LongAdder errors = new LongAdder();
  private final LongAdder compared = new LongAdder();
  private final LongAdder different = new LongAdder();
  private final LatencyCounts latencies = new LatencyCounts();

  void answered(long latencyNs) {
    requests.increment();
    latencies.record(latencyNs);
  }

  /** It answered what another route had failed to: how long that took is not its doing. */
  void answeredAfterAnother() {
    requests.increment();
  }

  void failed() {
    requests.increment();
    errors.increment();
  }

  void compared(boolean differs) {
    compared.increment();
    if (differs) {
      different.increment();
    }
  }

  RouteStatistics statistics() {
    // The parts before the wholes, which are counted first: so no part is larger than its whole.
    long failed = errors.sum();
    long differing = different.sum();
    return new RouteStatistics(
        requests.sum(), failed, compared.sum(), differing, latencies.counts());
  }
}
