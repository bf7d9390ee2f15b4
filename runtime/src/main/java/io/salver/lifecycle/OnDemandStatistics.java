package io.salver.lifecycle;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** What became of models on demand so far. Thread-safe. */
public final class OnDemandStatistics {
  /** Upper ends of the classes of waits, in nanoseconds; the last class has none. */
  private static final long[] WAIT_BOUNDS_NS = bounds();

  private final LongAdder loads = new LongAdder();
  private final LongAdder preloads = new LongAdder();
  private final LongAdder evictions = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder waitNs = new LongAdder();
  private final AtomicLongArray waits = new AtomicLongArray(WAIT_BOUNDS_NS.length + 1);

  private static long[] bounds() {
    long[] bounds = new long[16];
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] = 1_000_000L << i;
    }
    return bounds;
  }

  void loaded() {
    loads.increment();
  }

  void preloaded() {
    preloads.increment();
  }

  void evicted() {
    evictions.increment();
  }

  void refused() {
    refused.increment();
  }

  void coldHit(long waitedNs) {
    waitNs.add(waitedNs);
    int i = 0;
    while (i < WAIT_BOUNDS_NS.length && waitedNs > WAIT_BOUNDS_NS[i]) {
      i++;
    }
    waits.incrementAndGet(i);
  }

  /** Versions that were loaded for a request, an operator or ahead of both. */
  public long loads() {
    return loads.sum();
  }

  /** Models that were asked for ahead of any request. */
  public long preloads() {
    return preloads.sum();
  }

  /** Models that were unloaded to make room for others. */
  public long evictions() {
    return evictions.sum();
  }

  /** Requests that waited for a model, or would have had to, and did not get it. */
  public long refusals() {
    return refused.sum();
  }

  /** Nanoseconds that the requests which waited for a model and got it waited, all together. */
  public long waitNs() {
    return waitNs.sum();
  }

  /** The upper ends of the classes of waits, in nanoseconds; there is one more class than that. */
  public static long[] waitBoundsNs() {
    return WAIT_BOUNDS_NS.clone();
  }

  /** How many requests waited so long for a model and got it. */
  public long waits(int waitClass) {
    return waits.get(waitClass);
  }

  /** How many waited for a model and got it. */
  public long coldHits() {
    long sum = 0;
    for (int i = 0; i < waits.length(); i++) {
      sum += waits.get(i);
    }
    return sum;
  }
}
