package io.salver.batching;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;

/**
 * Runs a model and measures, of some runs, the CPU time that the calling thread took beside the
 * time that passed: their ratio tells the CPU time of all runs. Long runs are all measured, because
 * two system calls are nothing beside them; of short ones one in many.
 *
 * <p>What an engine computes on threads of its own is not seen. Thread-safe; racing updates may
 * measure a run more or less, which does no harm.
 */
final class RunCpu {
  /** One short run of so many is measured. */
  static final int SHORT_RUNS = 128;

  /** From when on a run is long: measuring adds less than a hundredth. */
  private static final long LONG_NS = 200_000;

  private final LoadedModel model;
  private final RunStatistics statistics;
  private int untilNext = SHORT_RUNS;

  RunCpu(LoadedModel model, RunStatistics statistics) {
    this.model = model;
    this.statistics = statistics;
  }

  /**
   * Runs {@code batch}.
   *
   * @param expectedNs how long that is expected to take
   */
  void run(Batch batch, long expectedNs) {
    if (expectedNs < LONG_NS && --untilNext > 0) {
      model.run(batch);
      return;
    }
    untilNext = SHORT_RUNS;
    long beforeNs = ThreadCpu.nowNs();
    if (beforeNs == ThreadCpu.UNKNOWN) {
      model.run(batch);
      return;
    }
    long startNs = System.nanoTime();
    try {
      model.run(batch);
    } finally {
      long tookNs = System.nanoTime() - startNs;
      statistics.measured(tookNs, ThreadCpu.nowNs() - beforeNs);
    }
  }
}
