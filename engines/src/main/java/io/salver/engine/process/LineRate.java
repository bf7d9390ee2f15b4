package io.salver.engine.process;

import java.util.concurrent.TimeUnit;

/** How many lines of output are let through: some at once, and then so many in a second. */
final class LineRate {
  private final long burst;
  private final long lineNs;
  private long freeAtNs;
  private boolean started;

  /**
   * A rate.
   *
   * @param perSecond at least 1
   * @param burst lines that may come at once, at least 1
   */
  LineRate(int perSecond, int burst) {
    this.lineNs = TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.burst = burst;
  }

  /** Whether a line at {@code nowNs}, which does not decrease, is let through. */
  boolean allows(long nowNs) {
    if (!started || freeAtNs - nowNs < 0) {
      freeAtNs = nowNs;
      started = true;
    }
    if (freeAtNs - nowNs > (burst - 1) * lineNs) {
      return false;
    }
    freeAtNs += lineNs;
    return true;
  }
}
