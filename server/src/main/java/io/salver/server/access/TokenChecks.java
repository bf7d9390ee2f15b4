package io.salver.server.access;

import java.time.InstantSource;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Checks tokens on threads of its own, so many at once at most. Thread-safe. */
final class TokenChecks implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int MAX_WAITING = 1024;

  private final Tokens tokens;
  private final ThreadPoolExecutor checkers =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          10,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MAX_WAITING),
          Thread.ofPlatform().daemon().name("salver-tokens-", 0).factory());
  private final ScheduledExecutorService refresher =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("salver-token-keys").factory());

  /** What becomes of a token; called once. */
  interface Result {
    void accepted(Tokens.Accepted accepted);

    void refused();

    /** There are no keys to check it with. */
    void unknown();
  }

  TokenChecks(TokenSettings settings, LongSupplier nanoTime, InstantSource clock) {
    this.tokens = new Tokens(settings, nanoTime, clock);
    checkers.allowCoreThreadTimeOut(true);
    refresher.scheduleWithFixedDelay(
        tokens::refresh, 0, settings.refresh().toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Checks a token later, on another thread.
   *
   * @return false, and nothing happens, if too many wait
   */
  boolean check(String token, Result result) {
    try {
      checkers.execute(() -> run(token, result));
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private void run(String token, Result result) {
    try {
      Tokens.Accepted accepted = tokens.isReady() ? tokens.check(token) : null;
      if (accepted != null) {
        result.accepted(accepted);
      } else if (tokens.isReady()) {
        result.refused();
      } else {
        result.unknown();
      }
    } catch (RejectedExecutionException e) {
      // The loop that waits for the result has ended.
    }
  }

  /** Checks nothing any more. */
  @Override
  public void close() {
    refresher.shutdownNow();
    checkers.shutdownNow();
    tokens.close();
  }
}
