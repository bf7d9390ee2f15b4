package io.salver.server.metrics;

import io.salver.predict.Category;
import org.jspecify.annotations.Nullable;

/** The outcomes of one method's requests, and how long they took. */
final class CallRecorder {
  private static final Category[] CATEGORIES = Category.values();

  /** How many outcomes there are: success, and each category of failure. */
  static final int CODES = CATEGORIES.length + 1;

  private final Histogram latency;
  private final StripedCounters counters;
  private final boolean timesFailures;

  /**
   * A recorder.
   *
   * @param timesFailures whether the latency of failures counts too
   */
  CallRecorder(Buckets latencyBuckets, boolean timesFailures) {
    this.latency = new Histogram(latencyBuckets, CODES);
    this.counters = new StripedCounters(latency.end());
    this.timesFailures = timesFailures;
  }

  void record(@Nullable Category failure, long latencyNs) {
    StripedCounters.Row row = counters.own();
    row.add(failure == null ? 0 : failure.ordinal() + 1, 1);
    if (failure == null || timesFailures) {
      latency.record(row, latencyNs);
    }
  }

  /** How many requests ended with {@code code}. */
  long count(int code) {
    return counters.sum(code);
  }

  /** The name of a code: {@code OK}, or the category's. */
  static String codeName(int code) {
    return code == 0 ? "OK" : CATEGORIES[code - 1].name();
  }

  /** Adds what was counted to a sum by code and to one by bucket of the latency. */
  void addTo(long[] outcomes, long[] latencies) {
    for (int code = 0; code < CODES; code++) {
      outcomes[code] += count(code);
    }
    for (int i = 0; i < latencies.length; i++) {
      latencies[i] += latency.count(counters, i);
    }
  }

  void writeLatency(MetricWriter out, String labels) {
    out.histogram(labels, latency, counters);
  }
}
