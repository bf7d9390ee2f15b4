package io.salver.server.metrics;

import io.salver.lifecycle.ModelControl.MemoryUse;
import io.salver.lifecycle.OnDemandStatistics;
import java.util.function.Supplier;

/** What became of models on demand, and of the memory budget. Thread-safe if the supplier is. */
public final class OnDemandMetrics implements MetricSource {
  private static final double NS_PER_SECOND = 1e9;

  private final OnDemandStatistics statistics;
  private final Supplier<MemoryUse> memory;

  /** Metrics of {@code statistics}, and of what {@code memory} says. */
  public OnDemandMetrics(OnDemandStatistics statistics, Supplier<MemoryUse> memory) {
    this.statistics = statistics;
    this.memory = memory;
  }

  @Override
  public void writeTo(MetricWriter out) {
    out.counter("salver_on_demand_loads_total", "Versions of models on demand that were loaded.");
    out.sample("", statistics.loads());
    out.counter("salver_on_demand_preloads_total", "Models that were asked for ahead of requests.");
    out.sample("", statistics.preloads());
    out.counter("salver_on_demand_evictions_total", "Models unloaded to make room for others.");
    out.sample("", statistics.evictions());
    out.counter(
        "salver_on_demand_refusals_total", "Requests for a model on demand that did not get it.");
    out.sample("", statistics.refusals());
    out.histogram("salver_on_demand_wait_seconds", "How long requests waited for a model.");
    writeWaits(out);
    MemoryUse use = memory.get();
    out.gauge("salver_memory_budget_bytes", "What models may take together; 0 for no budget.");
    out.sample("", use.budgetBytes() == Long.MAX_VALUE ? 0 : use.budgetBytes());
    out.gauge("salver_memory_used_bytes", "What is set aside for models in memory.");
    out.sample("", use.usedBytes());
  }

  private void writeWaits(MetricWriter out) {
    long[] boundsNs = OnDemandStatistics.waitBoundsNs();
    double[] bounds = new double[boundsNs.length];
    long[] counts = new long[boundsNs.length + 1];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = statistics.waits(i);
      if (i < bounds.length) {
        bounds[i] = boundsNs[i] / NS_PER_SECOND;
      }
    }
    out.histogramSample(bounds, counts, statistics.waitNs() / NS_PER_SECOND);
  }
}
