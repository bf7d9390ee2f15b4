package io.salver.server.metrics;

/**
 * The place of a histogram in a row of counters: one for each bucket, then one for the sum.
 *
 * @param first the index of its first counter
 */
record Histogram(Buckets buckets, int first) {
  /** The index behind its last counter. */
  int end() {
    return first + buckets.count() + 1;
  }

  /** Adds {@code value} to a row. */
  void record(StripedCounters.Row row, long value) {
    row.add(first + buckets.indexOf(value), 1);
    row.add(first + buckets.count(), value);
  }

  /** How many values fell into bucket {@code i} alone. */
  long count(StripedCounters counters, int i) {
    return counters.sum(first + i);
  }

  /** The sum of all values, in the unit that they were recorded in. */
  long rawSum(StripedCounters counters) {
    return counters.sum(first + buckets.count());
  }

  /** The sum of all values, in the metric's unit. */
  double sum(StripedCounters counters) {
    return buckets.inUnit(rawSum(counters));
  }
}
