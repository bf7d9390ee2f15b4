package io.salver.gate;

import io.salver.routing.LatencyCounts;
import java.util.Arrays;

/**
 * How many requests took how long, in the buckets of {@link LatencyCounts}, so that a latency is
 * known to 1.1 %. Immutable.
 */
public final class LatencyHistogram {
  static final int BUCKETS_PER_DOUBLING = LatencyCounts.BUCKETS_PER_DOUBLING;
  static final int BUCKETS = LatencyCounts.BUCKETS;

  /** No requests at all. */
  public static final LatencyHistogram EMPTY = new LatencyHistogram(new long[BUCKETS]);

  private final long[] counts;
  private final long total;

  /** The array becomes the histogram's own. */
  LatencyHistogram(long[] counts) {
    this.counts = counts;
    this.total = Arrays.stream(counts).sum();
  }

  static int bucket(long latencyNs) {
    return LatencyCounts.bucket(latencyNs);
  }

  /** Where a bucket begins, and the one before it ends. */
  static double lowerNs(int bucket) {
    return LatencyCounts.lowerNs(bucket);
  }

  /** How many times as long so many buckets later is. */
  static double ratio(double buckets) {
    return Math.pow(2, buckets / BUCKETS_PER_DOUBLING);
  }

  long count(int bucket) {
    return counts[bucket];
  }

  /** How many requests these are. */
  public long total() {
    return total;
  }

  /**
   * The latency that this share of the requests did not pass, to the resolution of the buckets.
   *
   * @param share above 0, at most 1
   * @return nanoseconds; 0 if there are no requests
   */
  public double quantileNs(double share) {
    long rank = Math.max(1, (long) Math.ceil(share * total));
    return total == 0 ? 0 : lowerNs(bucketOfRank(rank)) * ratio(0.5);
  }

  /** The bucket of the request with this rank, from 1 to {@link #total}. */
  int bucketOfRank(long rank) {
    long seen = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      seen += counts[bucket];
      if (seen >= rank) {
        return bucket;
      }
    }
    throw new IllegalArgumentException("rank: " + rank + " (expected: 1 to " + total + ")");
  }
}
