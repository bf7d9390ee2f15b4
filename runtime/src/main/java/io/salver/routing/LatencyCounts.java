package io.salver.routing;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts of latencies on a logarithmic scale: 64 buckets for each doubling from 1 us to 71 minutes,
 * so that a latency is known to 1.1 %. What is shorter or longer is in the first or the last
 * bucket. Thread-safe; recording is a logarithm and one atomic addition.
 */
public final class LatencyCounts {
  /** How many buckets there are for each doubling. */
  public static final int BUCKETS_PER_DOUBLING = 64;

  /** How many buckets there are. */
  public static final int BUCKETS = 32 * BUCKETS_PER_DOUBLING;

  private static final double SHORTEST_NS = 1_000;
  private static final double PER_LOGARITHM = BUCKETS_PER_DOUBLING / Math.log(2);

  private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);

  /** Counts a latency. */
  public void record(long latencyNs) {
    counts.getAndIncrement(bucket(latencyNs));
  }

  /** The bucket in which a latency is counted. */
  public static int bucket(long latencyNs) {
    return latencyNs <= SHORTEST_NS
        ? 0
        : Math.min(BUCKETS - 1, (int) (Math.log(latencyNs / SHORTEST_NS) * PER_LOGARITHM));
  }

  /** Where a bucket begins, and the one before it ends, in nanoseconds. */
  public static double lowerNs(double bucket) {
    return SHORTEST_NS * Math.pow(2, bucket / BUCKETS_PER_DOUBLING);
  }

  /** What was counted so far, by bucket. Counts that come meanwhile may be in it or not. */
  public long[] counts() {
    long[] copy = new long[BUCKETS];
    for (int i = 0; i < BUCKETS; i++) {
      copy[i] = counts.get(i);
    }
    return copy;
  }
}
