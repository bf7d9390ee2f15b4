package io.salver.batching;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The platform threads of one version, and the bounded queue in front of them. Threads start when
 * there is work and end when there has been none for a while, so an idle version has none.
 */
final class Instances implements AutoCloseable {
  private static final long IDLE_SECONDS = 10;

  private final String name;
  private final int maxQueued;
  private final ThreadPoolExecutor executor;

  Instances(String name, int threads, int maxQueued) {
    this.name = name;
    this.maxQueued = maxQueued;
    ThreadFactory factory =
        Thread.ofPlatform().daemon().name("salver-run-" + name + "-", 0).factory();
    this.executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(maxQueued),
            factory);
    executor.allowCoreThreadTimeOut(true);
  }

  /**
   * Runs {@code task} soon.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the queue is full
   */
  void execute(Runnable task) {
    executor.execute(task);
  }

  /** The state of a full queue, for whoever was refused. */
  String fullMessage() {
    return "queue of "
        + name
        + ": "
        + executor.getQueue().size()
        + " requests wait for "
        + executor.getMaximumPoolSize()
        + " instances (expected: fewer than "
        + maxQueued
        + ")";
  }

  /** Ends the threads; nothing is queued or running any more, for every request held a lease. */
  @Override
  public void close() {
    executor.shutdown();
  }
}
