package io.salver.routing;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Runs actions at a time. Thread-safe. */
@FunctionalInterface
public interface Timers {
  /**
   * Runs {@code action} once at {@code timeNs}, as {@link System#nanoTime()}, or right away if that
   * has passed. The action is quick and does not throw.
   *
   * @return takes the action back if it has not begun
   */
  Runnable at(long timeNs, Runnable action);

  /** Timers that run their actions on one thread of their own, which ends with the process. */
  static Timers onThread(String name) {
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name(name).factory());
    executor.setRemoveOnCancelPolicy(true);
    return (timeNs, action) -> {
      var future = executor.schedule(action, timeNs - System.nanoTime(), TimeUnit.NANOSECONDS);
      return () -> future.cancel(false);
    };
  }
}
