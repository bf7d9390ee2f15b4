package io.salver.server.metrics;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A row of counters that many threads add to and few read.
 *
 * <p>Each thread adds to a copy of the row that it shares with few others, usually with none: an
 * addition is one uncontended atomic instruction, and no count is lost when two threads do share.
 * Reading sums the copies. Threads are told apart by their number, not by a thread-local, and a
 * copy is made when its first thread comes.
 */
final class StripedCounters {
  private static final int STRIPES =
      Integer.highestOneBit(Math.clamp(Runtime.getRuntime().availableProcessors() * 4L - 1, 4, 64));

  private final AtomicReferenceArray<@Nullable AtomicLongArray> stripes =
      new AtomicReferenceArray<>(STRIPES);
  private final int size;

  StripedCounters(int size) {
    this.size = size;
  }

  /** The calling thread's copy, to add to. */
  AtomicLongArray own() {
    int stripe = (int) Thread.currentThread().threadId() & (STRIPES - 1);
    AtomicLongArray own = stripes.get(stripe);
    return own != null ? own : create(stripe);
  }

  private AtomicLongArray create(int stripe) {
    AtomicLongArray fresh = new AtomicLongArray(size);
    AtomicLongArray before = stripes.compareAndExchange(stripe, null, fresh);
    return before != null ? before : fresh;
  }

  /** The value of counter {@code i}: everything that was added before the call, at least. */
  long sum(int i) {
    long sum = 0;
    for (int stripe = 0; stripe < STRIPES; stripe++) {
      AtomicLongArray row = stripes.get(stripe);
      sum += row == null ? 0 : row.get(i);
    }
    return sum;
  }
}
