package io.salver.server.metrics;

import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.lifecycle.Warmup;
import io.salver.model.ModelLease;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.LongSupplier;

/**
 * Times warm-ups, of the versions that were warmed most recently. Thread-safe; stands around the
 * warm-up that does the work.
 */
public final class WarmupMetrics implements Warmup, MetricSource {
  /** How many pairs of a model's path and a status are kept. */
  static final int LIMIT = 256;

  private static final Histogram LATENCY = new Histogram(Buckets.TF_LATENCY, 0);

  private final Warmup next;
  private final LongSupplier nanoClock;
  private final SequencedMap<String, StripedCounters> byLabels = new LinkedHashMap<>();

  /**
   * Metrics around {@code next}.
   *
   * @param nanoClock as {@link System#nanoTime()}
   */
  public WarmupMetrics(Warmup next, LongSupplier nanoClock) {
    this.next = next;
    this.nanoClock = nanoClock;
  }

  @Override
  public void warm(ModelFiles files, ModelLease lease) throws ModelLoadException {
    long startNs = nanoClock.getAsLong();
    String status = "FAILED";
    try {
      next.warm(files, lease);
      status = "OK";
    } finally {
      record(files.directory().toString(), status, nanoClock.getAsLong() - startNs);
    }
  }

  private synchronized void record(String path, String status, long latencyNs) {
    String labels = MetricWriter.labels("model_path", path, "status", status);
    StripedCounters counters = byLabels.remove(labels);
    if (counters == null) {
      counters = new StripedCounters(LATENCY.end());
      if (byLabels.size() == LIMIT) {
        byLabels.pollFirstEntry();
      }
    }
    LATENCY.record(counters.own(), latencyNs);
    byLabels.put(labels, counters);
  }

  @Override
  public synchronized void writeTo(MetricWriter out) {
    out.histogram(
        ":tensorflow:serving:model_warmup_latency",
        "Distribution of wall time (in microseconds) for model warm-up.");
    byLabels.forEach((labels, counters) -> out.histogram(labels, LATENCY, counters));
  }
}
