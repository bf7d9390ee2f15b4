package io.salver.batching;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What a run of a model is expected to take, learnt from its runs.
 *
 * <p>A moving average for each power of two of input bytes. A size that was never seen is taken to
 * cost as much more than the nearest smaller one as it is larger, and with nothing smaller it is
 * unknown. No size is taken to cost more than a larger one does: one run that was held up does not
 * make small requests look slow for long. Thread-safe; racing updates may lose a sample, which does
 * no harm.
 */
final class RunTimeEstimate {
  private static final int SIZES = 48;
  private static final int WEIGHT_SHIFT = 3;
  private static final int LOOK_AHEAD = 8;

  private final AtomicLongArray averageNs = new AtomicLongArray(SIZES);

  /** A run with inputs of {@code bytes} bytes took {@code ns}. */
  void add(long bytes, long ns) {
    int size = size(bytes);
    long old = averageNs.getPlain(size);
    long sample = Math.max(1, ns);
    averageNs.setPlain(size, old == 0 ? sample : old + (sample - old >> WEIGHT_SHIFT));
  }

  /** The expected time in nanoseconds; {@link Long#MAX_VALUE} if nothing is known. */
  long expectNs(long bytes) {
    int size = size(bytes);
    for (int i = size; i >= 0; i--) {
      long average = averageNs.getPlain(i);
      if (average != 0) {
        int shift = size - i;
        long expected = average > Long.MAX_VALUE >> shift ? Long.MAX_VALUE : average << shift;
        return Math.min(expected, leastOfLarger(size));
      }
    }
    return Long.MAX_VALUE;
  }

  private long leastOfLarger(int size) {
    long least = Long.MAX_VALUE;
    for (int i = size + 1; i <= Math.min(size + LOOK_AHEAD, SIZES - 1); i++) {
      long average = averageNs.getPlain(i);
      if (average != 0) {
        least = Math.min(least, average);
      }
    }
    return least;
  }

  private static int size(long bytes) {
    return Math.min(SIZES - 1, Long.SIZE - Long.numberOfLeadingZeros(bytes));
  }
}
