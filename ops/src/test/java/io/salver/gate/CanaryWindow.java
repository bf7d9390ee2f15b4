package io.salver.gate;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what both sides of a canary do during one step; a new step has a new window. Any thread
 * may record, without locks; about 33 KB. {@link #observed} may miss what is recorded meanwhile,
 * which the next call has.
 *
 * <p>The baseline should record the same kind of traffic at the same time: of what the old version
 * answers, a random part as large as the canary's weight, or all of it if there is less.
 */
public final class CanaryWindow {
  private final Counts baseline = new Counts();
  private final Counts canary = new Counts();
  private final LongAdder compared = new LongAdder();
  private final LongAdder different = new LongAdder();

  /** A request of the old version ended; the latency does not count if it failed. */
  public void baseline(long latencyNs, boolean failed) {
    baseline.record(latencyNs, failed);
  }

  /** A request of the new version ended; the latency does not count if it failed. */
  public void canary(long latencyNs, boolean failed) {
    canary.record(latencyNs, failed);
  }

  /** Both versions have answered the same request. */
  public void compared(boolean differ) {
    if (differ) {
      different.increment();
    }
    compared.increment();
  }

  /** All that was recorded so far. */
  public CanaryObservation observed() {
    long differing = different.sum();
    // Read second, so that there are never fewer.
    long all = Math.max(differing, compared.sum());
    return new CanaryObservation(baseline.observed(), canary.observed(), all, differing);
  }

  private static final class Counts {
    private final AtomicLongArray latencies = new AtomicLongArray(LatencyHistogram.BUCKETS);
    private final LongAdder errors = new LongAdder();

    void record(long latencyNs, boolean failed) {
      if (failed) {
        errors.increment();
      } else {
        latencies.getAndIncrement(LatencyHistogram.bucket(latencyNs));
      }
    }

    CanaryObservation.Side observed() {
      long failed = errors.sum();
      long[] counts = new long[LatencyHistogram.BUCKETS];
      for (int i = 0; i < counts.length; i++) {
        counts[i] = latencies.get(i);
      }
      LatencyHistogram histogram = new LatencyHistogram(counts);
      return new CanaryObservation.Side(histogram.total() + failed, failed, histogram);
    }
  }
}
