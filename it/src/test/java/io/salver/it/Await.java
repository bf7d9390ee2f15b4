package io.salver.it;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what another process does. */
final class Await {
  /** For whatever a healthy server does within seconds, on a machine that is busy. */
  static final Duration LIMIT = Duration.ofSeconds(90);

  private static final long PAUSE_NS = 5_000_000;

  private Await() {}

  /**
   * Returns once {@code condition} holds; fails the test, naming {@code what}, if it never does.
   */
  static void until(String what, Callable<Boolean> condition) throws Exception {
    until(what, LIMIT, condition);
  }

  /** As {@link #until(String, Callable)} with a limit of the caller's. */
  static void until(String what, Duration limit, Callable<Boolean> condition) throws Exception {
    long deadlineNs = System.nanoTime() + limit.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > deadlineNs) {
        throw new AssertionError("not within " + limit.toSeconds() + " s: " + what);
      }
      LockSupport.parkNanos(PAUSE_NS);
    }
  }
}
