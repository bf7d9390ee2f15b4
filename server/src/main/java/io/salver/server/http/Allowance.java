package io.salver.server.http;

import java.util.concurrent.TimeUnit;

/**
 * A token bucket: what a client may do at once, and how fast it may go on doing so. Confined to the
 * loop.
 */
final class Allowance {
  private final int capacity;
  private final int perSecond;
  private final long fullAfterNs;
  private int left;
  private long refilledNs;

  Allowance(int capacity, int perSecond, long nowNs) {
    this.capacity = capacity;
    this.perSecond = perSecond;
    this.fullAfterNs = TimeUnit.SECONDS.toNanos(capacity) / perSecond;
    this.left = capacity;
    this.refilledNs = nowNs;
  }

  /** Takes {@code count} away; whether as many were left. */
  boolean spend(int count, long nowNs) {
    if (left < capacity) {
      refill(nowNs - refilledNs, nowNs);
    } else {
      refilledNs = nowNs;
    }
    left -= count;
    return left >= 0;
  }

  private void refill(long elapsedNs, long nowNs) {
    if (elapsedNs >= fullAfterNs) {
      left = capacity;
      refilledNs = nowNs;
      return;
    }
    int earned = (int) (elapsedNs * perSecond / 1_000_000_000);
    if (earned > 0) {
      earn(earned);
      refilledNs += earned * 1_000_000_000L / perSecond;
    }
  }

  /** Gives {@code count} back; there are never more than at first. */
  void earn(int count) {
    left = (int) Math.min(capacity, (long) left + count);
  }
}
