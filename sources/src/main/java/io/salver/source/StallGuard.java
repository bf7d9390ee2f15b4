package io.salver.source;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Closes something if nothing is heard of it for too long, which ends a read that would otherwise
 * wait for ever. {@link #alive} is for one thread.
 */
final class StallGuard implements AutoCloseable {
  private final Thread thread;
  private volatile long heardNs = System.nanoTime();
  private volatile boolean over;
  private volatile boolean stalled;

  StallGuard(Closeable guarded, Duration limit) {
    thread = Thread.ofVirtual().name("salver-stall").start(() -> watch(guarded, limit.toNanos()));
  }

  private void watch(Closeable guarded, long limitNs) {
    while (!over) {
      long leftNs = limitNs - (System.nanoTime() - heardNs);
      if (leftNs <= 0) {
        stalled = true;
        close(guarded);
        return;
      }
      LockSupport.parkNanos(leftNs);
    }
  }

  private static void close(Closeable guarded) {
    try {
      guarded.close();
    } catch (IOException e) {
      // It is broken anyway, and the one who reads it hears of it.
    }
  }

  /** Something has come. */
  void alive() {
    heardNs = System.nanoTime();
  }

  /** Whether it was closed for that. */
  boolean isStalled() {
    return stalled;
  }

  @Override
  public void close() {
    over = true;
    LockSupport.unpark(thread);
  }
}
