package io.salver.server.cost;

import io.salver.batching.RunStatistics;
import io.salver.cost.RunMeter;
import io.salver.cost.Usage;
import io.salver.server.metrics.ModelResources;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what one version used, over all its loads. Used by one thread at a time. */
final class VersionMeter {
  private static final double NS_PER_SECOND = 1e9;

  private final int accelerators;
  private @Nullable RunMeter runs;
  private long workerCpuNs;
  private Served totals = Served.NOTHING;

  VersionMeter(int accelerators) {
    this.accelerators = accelerators;
  }

  /**
   * What was used since it was read before.
   *
   * @param statistics of its present load, if it is loaded
   * @param held what it holds, if it is loaded
   * @param seconds since it was read before
   */
  Usage read(
      Optional<RunStatistics> statistics,
      Optional<ModelResources> held,
      Served now,
      double seconds) {
    RunMeter.Runs used = new RunMeter.Runs(0, 0, 0);
    RunMeter before = runs;
    if (before != null && (statistics.isEmpty() || !before.reads(statistics.get()))) {
      used = before.advance(workerCpuNs);
      runs = null;
    }
    if (statistics.isPresent() && held.isPresent()) {
      RunMeter current = runs;
      if (current == null) {
        current = new RunMeter(statistics.get(), held.get().workers() > 0);
        runs = current;
      }
      workerCpuNs = held.get().workerCpuNs();
      RunMeter.Runs more = current.advance(workerCpuNs);
      used =
          new RunMeter.Runs(
              used.runNs() + more.runNs(),
              used.runCpuNs() + more.runCpuNs(),
              used.workerCpuNs() + more.workerCpuNs());
    }
    Served past = totals;
    totals = now;
    return new Usage(
        RunMeter.growth(past.predictions(), now.predictions()),
        RunMeter.growth(past.rows(), now.rows()),
        RunMeter.growth(past.servingNs(), now.servingNs()),
        used.runCpuNs(),
        used.workerCpuNs(),
        held.map(ModelResources::memoryBytes).orElse(0L) * seconds,
        accelerators * used.runNs() / NS_PER_SECOND);
  }
}
