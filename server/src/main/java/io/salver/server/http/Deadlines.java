package io.salver.server.http;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/**
 * Wakes a connection when the earliest of its streams' deadlines has come. One timer serves all
 * streams: a request with the usual timeout, which ends after those before it, costs a comparison.
 * Confined to the loop.
 */
final class Deadlines {
  private final EventLoop loop;
  private final Runnable sweep;
  private long wakeNs = Long.MAX_VALUE;

  /**
   * Deadlines of a connection.
   *
   * @param sweep expires the streams whose time has come, and adds the deadlines of the others
   */
  Deadlines(EventLoop loop, Runnable sweep) {
    this.loop = loop;
    this.sweep = sweep;
  }

  /** Sees that the connection is swept at {@code deadlineNs} or earlier. */
  void add(long deadlineNs) {
    if (deadlineNs == Long.MAX_VALUE || wakeNs != Long.MAX_VALUE && wakeNs - deadlineNs <= 0) {
      return;
    }
    wakeNs = deadlineNs;
    loop.schedule(
        () -> wake(deadlineNs), Math.max(0, deadlineNs - System.nanoTime()), TimeUnit.NANOSECONDS);
  }

  private void wake(long scheduledNs) {
    if (wakeNs == scheduledNs) {
      wakeNs = Long.MAX_VALUE;
      sweep.run();
    }
  }
}
