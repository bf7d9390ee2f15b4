package io.salver.server.console;

import io.salver.batching.RunStatistics;
import java.util.Arrays;

/** How many runs had how many rows: 1, 2, up to 4, 8, ... 1024, and more. */
final class BatchRows {
  private static final int BOUNDS = 11;

  private BatchRows() {}

  static long[] of(RunStatistics runs) {
    long[] counts = new long[BOUNDS + 1];
    for (RunStatistics.Size size : runs.bySize()) {
      counts[bucket(size.batchSize())] += size.count();
    }
    return counts;
  }

  static int bucket(long rows) {
    return rows <= 1 ? 0 : Math.min(Long.SIZE - Long.numberOfLeadingZeros(rows - 1), BOUNDS);
  }

  static long[] since(long[] later, long[] earlier) {
    long[] counts = new long[later.length];
    Arrays.setAll(counts, i -> Math.max(0, later[i] - earlier[i]));
    return counts;
  }
}
