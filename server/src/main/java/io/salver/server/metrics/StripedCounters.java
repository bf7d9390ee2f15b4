package io.salver.server.metrics;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A row of counters that a few threads add to often and others read now and then.
 *
 * <p>Each thread has a copy of the row to itself, which is made when it first comes; being alone,
 * it adds without atomic instructions. Threads are told apart by their number, which is never used
 * twice, not by a thread-local. Should more threads come than there are places (event loops do
 * not), the rest share one more copy and add to it atomically: no count is lost in either case.
 * Reading sums the copies.
 */
final class StripedCounters {
  /** How many threads get a copy of their own. */
  static final int PLACES =
      Integer.highestOneBit(
          Math.clamp(Runtime.getRuntime().availableProcessors() * 4L - 1, 8, 128));

  /** A thread's copy of the row, to add to. */
  static final class Row {
    private final long ownerId;
    private final boolean exclusive;
    private final AtomicLongArray cells;

    private Row(long ownerId, boolean exclusive, int size) {
      this.ownerId = ownerId;
      this.exclusive = exclusive;
      this.cells = new AtomicLongArray(size);
    }

    /** Adds to counter {@code i}. By the thread that got this row from {@link #own}. */
    void add(int i, long delta) {
      if (exclusive) {
        cells.setOpaque(i, cells.getPlain(i) + delta);
      } else {
        cells.getAndAdd(i, delta);
      }
    }
  }

  private final AtomicReferenceArray<@Nullable Row> places = new AtomicReferenceArray<>(PLACES);
  private final Row shared;
  private final int size;

  StripedCounters(int size) {
    this.size = size;
    this.shared = new Row(-1, false, size);
  }

  /** The calling thread's copy. */
  Row own() {
    long id = Thread.currentThread().threadId();
    Row row = places.get((int) id & (PLACES - 1));
    return row != null && row.ownerId == id ? row : search(id);
  }

  private Row search(long id) {
    for (int i = 0; i < PLACES; i++) {
      int place = (int) (id + i) & (PLACES - 1);
      Row row = places.get(place);
      if (row == null) {
        Row fresh = new Row(id, true, size);
        Row before = places.compareAndExchange(place, null, fresh);
        row = before != null ? before : fresh;
      }
      if (row.ownerId == id) {
        return row;
      }
    }
    return shared;
  }

  /** The value of counter {@code i}: at least everything that was added before the call. */
  long sum(int i) {
    long sum = shared.cells.get(i);
    for (int place = 0; place < PLACES; place++) {
      Row row = places.get(place);
      sum += row == null ? 0 : row.cells.getOpaque(i);
    }
    return sum;
  }
}
