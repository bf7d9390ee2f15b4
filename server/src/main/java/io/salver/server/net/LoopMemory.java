package io.salver.server.net;

import io.salver.tensor.MemoryBudget;
import io.salver.tensor.MemoryLimitException;

/**
 * What one event loop holds of the requests that it reads, within a budget that all loops share. It
 * takes from the budget in large steps, so that small requests do not touch what is shared.
 * Confined to its loop.
 */
public final class LoopMemory {
  private static final long MAX_STEP_BYTES = 1 << 20;
  private static final int STEPS_IN_BUDGET = 1024;

  private final MemoryBudget budget;
  private final long stepBytes;
  private long reservedBytes;
  private long usedBytes;

  /** An account of which nothing is used. */
  public LoopMemory(MemoryBudget budget) {
    this.budget = budget;
    this.stepBytes = Math.clamp(budget.limitBytes() / STEPS_IN_BUDGET, 1, MAX_STEP_BYTES);
  }

  /**
   * Takes {@code bytes}.
   *
   * @throws MemoryLimitException if that is more than the budget has left; then nothing was taken
   */
  public void take(long bytes) {
    long missingBytes = usedBytes + bytes - reservedBytes;
    if (missingBytes > 0) {
      reserve(missingBytes);
    }
    usedBytes += bytes;
  }

  private void reserve(long missingBytes) {
    long steps = Math.ceilDiv(missingBytes, stepBytes) * stepBytes;
    try {
      budget.reserve(steps);
      reservedBytes += steps;
    } catch (MemoryLimitException noWholeStep) {
      budget.reserve(missingBytes);
      reservedBytes += missingBytes;
    }
  }

  /** Gives back what {@link #take} took. */
  public void give(long bytes) {
    usedBytes -= bytes;
    long spareBytes = reservedBytes - usedBytes;
    if (spareBytes >= 2 * stepBytes) {
      long returned = spareBytes - stepBytes;
      budget.release(returned);
      reservedBytes -= returned;
    }
  }

  /** Bytes that are taken now. */
  public long usedBytes() {
    return usedBytes;
  }
}
