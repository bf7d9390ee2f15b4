package io.salver.tensor;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that all requests together may take, for their bodies and their tensors, beyond the
 * small blocks that pools keep for each of them. Thread-safe.
 */
public final class MemoryBudget {
  /** Refuses nothing. */
  public static final MemoryBudget UNLIMITED = new MemoryBudget(Long.MAX_VALUE);

  private final long limitBytes;
  private final AtomicLong usedBytes = new AtomicLong();

  /**
   * A budget of which nothing is used.
   *
   * @param limitBytes at least 1
   */
  public MemoryBudget(long limitBytes) {
    if (limitBytes < 1) {
      throw new IllegalArgumentException("budget: " + limitBytes + " bytes (expected: >= 1)");
    }
    this.limitBytes = limitBytes;
  }

  /**
   * Takes {@code bytes} from the budget.
   *
   * @throws MemoryLimitException if that is more than is left; then nothing was taken
   */
  public void reserve(long bytes) {
    long before = usedBytes.getAndAdd(bytes);
    if (bytes > limitBytes - before) {
      usedBytes.addAndGet(-bytes);
      throw MemoryLimitException.ofAll(bytes, before, limitBytes);
    }
  }

  /** Gives back what {@link #reserve} took. */
  public void release(long bytes) {
    usedBytes.addAndGet(-bytes);
  }

  /** The most that may be taken. */
  public long limitBytes() {
    return limitBytes;
  }

  /** Bytes that are taken now. */
  public long usedBytes() {
    return usedBytes.get();
  }
}
