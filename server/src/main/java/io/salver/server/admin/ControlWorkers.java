package io.salver.server.admin;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.http.HttpExchange;
import io.salver.server.inference.Failures;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Threads for requests of the control side, which may wait for the disk: platform threads, as a
 * native call would pin a virtual one. They are there while there is something to do. Thread-safe.
 */
public final class ControlWorkers implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int MAX_WAITING = 256;
  private static final int KEEP_ALIVE_SECONDS = 30;

  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          KEEP_ALIVE_SECONDS,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MAX_WAITING),
          Thread.ofPlatform().daemon().name("salver-control-", 0).factory());

  public ControlWorkers() {
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Answers an exchange on its loop with what {@code work} returns on another thread, or with what
   * it fails with. {@code work} must not touch the exchange.
   *
   * @throws ServingException RESOURCE_EXHAUSTED if too many wait already
   */
  public void answer(HttpExchange exchange, Supplier<ControlAnswer> work) {
    run(exchange, () -> answer(work), answer -> answer.send(exchange));
  }

  /**
   * Gives what {@code work}, which does not throw, returns on another thread to {@code then} on the
   * exchange's loop. {@code work} must not touch the exchange.
   *
   * @throws ServingException RESOURCE_EXHAUSTED if too many wait already
   */
  public <T> void run(HttpExchange exchange, Supplier<T> work, Consumer<T> then) {
    try {
      threads.execute(() -> {
        T result = work.get();
        exchange.loop().execute(() -> then.accept(result));
      });
    } catch (RejectedExecutionException e) {
      throw new ServingException(
          Category.RESOURCE_EXHAUSTED,
          "control requests: " + MAX_WAITING + " waiting (expected: fewer)",
          e);
    }
  }

  private static ControlAnswer answer(Supplier<ControlAnswer> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      return ControlAnswer.of(Failures.of(e));
    }
  }

  /** Takes nothing more; what has begun goes on to its end. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
