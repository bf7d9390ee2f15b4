package io.salver.cost;

import io.salver.batching.RunStatistics;

/**
 * Reads the counters of one load of a version, and says by how much they grew. Counters that were
 * reset begin at zero again. Used by one thread at a time.
 */
public final class RunMeter {
  private final RunStatistics runs;
  private final boolean waits;
  private long runNs;
  private long measuredNs;
  private long measuredCpuNs;
  private long workerCpuNs;

  /**
   * A meter of {@code runs}, from their beginning.
   *
   * @param waits whether other processes compute them, so that the thread that runs them waits
   */
  public RunMeter(RunStatistics runs, boolean waits) {
    this.runs = runs;
    this.waits = waits;
  }

  /**
   * What runs took since this was asked before.
   *
   * @param runNs how long they took, together
   * @param runCpuNs CPU time of the threads that made them: what those that were measured say of
   *     all; while none was, a thread that does not wait is taken to have computed all the time
   * @param workerCpuNs CPU time of the workers
   */
  public record Runs(long runNs, long runCpuNs, long workerCpuNs) {}

  /** Whether it reads these. */
  public boolean reads(RunStatistics statistics) {
    return runs == statistics;
  }

  /**
   * Says what was used since.
   *
   * @param workerCpuNsNow what the model's workers have taken since it was loaded
   */
  public Runs advance(long workerCpuNsNow) {
    long runNsNow = runs.runNs();
    long measuredNsNow = runs.measuredNs();
    long measuredCpuNsNow = runs.measuredCpuNs();
    if (runNsNow < runNs || measuredNsNow < measuredNs || measuredCpuNsNow < measuredCpuNs) {
      runNs = 0;
      measuredNs = 0;
      measuredCpuNs = 0;
    }
    long tookNs = runNsNow - runNs;
    double share = share(measuredCpuNsNow - measuredCpuNs, measuredNsNow - measuredNs);
    if (Double.isNaN(share)) {
      share = share(measuredCpuNsNow, measuredNsNow);
    }
    if (Double.isNaN(share)) {
      share = waits ? 0 : 1;
    }
    long workersNs = growth(workerCpuNs, workerCpuNsNow);
    runNs = runNsNow;
    measuredNs = measuredNsNow;
    measuredCpuNs = measuredCpuNsNow;
    workerCpuNs = workerCpuNsNow;
    return new Runs(tookNs, Math.round(tookNs * share), workersNs);
  }

  private static double share(long cpuNs, long ns) {
    return ns > 0 ? (double) cpuNs / ns : Double.NaN;
  }

  /** By how much a counter grew that is reset now and then. */
  public static long growth(long before, long now) {
    return now >= before ? now - before : now;
  }
}
