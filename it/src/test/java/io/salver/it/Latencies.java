package io.salver.it;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts of latencies by the microsecond, up to a second and what is beyond. Thread-safe. */
final class Latencies {
  private static final int LONGEST_US = 1_000_000;

  private final AtomicLongArray counts = new AtomicLongArray(LONGEST_US + 1);

  void record(long latencyNs) {
    counts.incrementAndGet((int) Math.min(latencyNs / 1_000, LONGEST_US));
  }

  long count() {
    long sum = 0;
    for (int us = 0; us <= LONGEST_US; us++) {
      sum += counts.get(us);
    }
    return sum;
  }

  /** The latency in microseconds that the share {@code quantile} of all did not exceed. */
  int quantileUs(double quantile) {
    long rank = (long) Math.ceil(quantile * count());
    long sum = 0;
    int us = -1;
    do {
      sum += counts.get(++us);
    } while (sum < rank && us < LONGEST_US);
    return us;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d | %d | %d | %d | %d",
        count(),
        quantileUs(0.5),
        quantileUs(0.99),
        quantileUs(0.999),
        quantileUs(1));
  }
}
