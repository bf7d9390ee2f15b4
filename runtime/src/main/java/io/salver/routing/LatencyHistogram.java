package io.salver.routing;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts of latencies in buckets whose width is 1/32 of the power of two that they lie in, so that
 * a value read back is at most 1.6 % off. Below 1 microsecond everything counts as 1, above 137
 * seconds as that. Thread-safe; recording is one atomic addition.
 */
public final class LatencyHistogram {
  private static final int SUB_BITS = 5;
  private static final int SUB_BUCKETS = 1 << SUB_BITS;
  private static final int OCTAVES = 27;

  /** How many buckets there are. */
  public static final int BUCKETS = SUB_BUCKETS * OCTAVES;

  private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);

  /** Counts a latency. */
  public void record(long latencyNs) {
    counts.getAndIncrement(bucket(latencyNs));
  }

  /** The bucket in which a latency is counted. */
  static int bucket(long latencyNs) {
    long us32 =
        Math.max(
            SUB_BUCKETS, latencyNs / 1000 * SUB_BUCKETS + latencyNs % 1000 * SUB_BUCKETS / 1000);
    int octave = 63 - Long.numberOfLeadingZeros(us32) - SUB_BITS;
    if (octave >= OCTAVES) {
      return BUCKETS - 1;
    }
    return (octave << SUB_BITS) + (int) (us32 >>> octave) - SUB_BUCKETS;
  }

  /** The middle of a bucket, in nanoseconds. */
  public static double middleNs(int bucket) {
    int octave = bucket >> SUB_BITS;
    double from = Math.scalb(1.0 + (bucket & SUB_BUCKETS - 1) / (double) SUB_BUCKETS, octave);
    return (from + Math.scalb(0.5 / SUB_BUCKETS, octave)) * 1000;
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
