package io.salver.batching;

import java.time.Duration;

/**
 * How a version's requests are run.
 *
 * @param instances platform threads that run requests which are too slow for an event loop, at
 *     least 1; a model that may not be run concurrently has one whatever this says, and one that is
 *     run by other processes one for each
 * @param maxQueued requests that may wait for such a thread, at least 1
 * @param inlineBound requests that are expected to run for less than this are run by the thread
 *     that decoded them; zero to never do so
 * @param batching how requests are put together
 * @param admission when requests are refused
 */
public record RunnerConfig(
    int instances,
    int maxQueued,
    Duration inlineBound,
    BatchingOptions batching,
    AdmissionOptions admission) {
  /** A thread for each core, 1,000 waiting, and 100 microseconds. */
  public static final RunnerConfig DEFAULT =
      new RunnerConfig(
          Runtime.getRuntime().availableProcessors(), 1_000, Duration.ofNanos(100_000));

  /** With the default admission. */
  public RunnerConfig(
      int instances, int maxQueued, Duration inlineBound, BatchingOptions batching) {
    this(instances, maxQueued, inlineBound, batching, AdmissionOptions.DEFAULT);
  }

  /** With the default batching and admission. */
  public RunnerConfig(int instances, int maxQueued, Duration inlineBound) {
    this(instances, maxQueued, inlineBound, BatchingOptions.DEFAULT);
  }

  public RunnerConfig {
    if (instances < 1 || maxQueued < 1 || inlineBound.isNegative()) {
      throw new IllegalArgumentException(
          "runner: "
              + instances
              + " instances, "
              + maxQueued
              + " queued, inline bound "
              + inlineBound
              + " (expected: >= 1, >= 1, >= 0)");
    }
  }
}
