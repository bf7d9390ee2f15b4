package io.salver.server.metrics;

import io.salver.batching.RunStatistics;
import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.VersionStatus;
import io.salver.model.ModelVersion;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/** What the runs of the available versions came to, and what waits for one. Thread-safe. */
public final class BatchMetrics implements MetricSource {
  /** Rows of a run: powers of two up to 1024. */
  private static final long[] BOUNDS = new long[11];

  static {
    Arrays.setAll(BOUNDS, i -> 1L << i);
  }

  private final ServedModels served;

  /** Metrics of {@code served}. */
  public BatchMetrics(ServedModels served) {
    this.served = served;
  }

  @Override
  public void writeTo(MetricWriter out) {
    Map<String, RunStatistics> byLabels = statistics();
    out.counter(
        ":tensorflow:serving:batching_session:wrapped_run_count", "Runs of all models together.");
    out.sample("", byLabels.values().stream().mapToLong(RunStatistics::executions).sum());
    out.histogram("salver_batch_rows", "Rows of a run, without padding.");
    byLabels.forEach((labels, runs) -> writeSizes(out, labels, runs));
    out.counter("salver_batch_requests_total", "Requests that runs have answered.");
    write(out, byLabels, RunStatistics::requests);
    out.counter("salver_padding_rows_total", "Rows added to runs to give them an allowed size.");
    write(out, byLabels, RunStatistics::paddingRows);
    out.gauge("salver_queued_requests", "Requests that wait for an instance.");
    write(out, byLabels, RunStatistics::queued);
    out.counter("salver_not_run_total", "Requests that left a queue, or were kept out, unrun.");
    byLabels.forEach((labels, runs) -> writeDrops(out, labels, runs));
  }

  private Map<String, RunStatistics> statistics() {
    Map<String, RunStatistics> byLabels = new LinkedHashMap<>();
    for (ModelStatus model : served.statuses()) {
      for (VersionStatus version : model.versions()) {
        String number = Long.toString(version.version());
        String labels = MetricWriter.labels("model", model.name(), "version", number);
        served
            .statistics(new ModelVersion(model.name(), version.version()))
            .ifPresent(runs -> byLabels.put(labels, runs));
      }
    }
    return byLabels;
  }

  private static void writeSizes(MetricWriter out, String labels, RunStatistics runs) {
    long[] counts = new long[BOUNDS.length + 1];
    for (RunStatistics.Size size : runs.bySize()) {
      int bucket = 0;
      while (bucket < BOUNDS.length && size.batchSize() > BOUNDS[bucket]) {
        bucket++;
      }
      counts[bucket] += size.count();
    }
    out.histogram(labels, BOUNDS, counts, runs.rows());
  }

  private static void writeDrops(MetricWriter out, String labels, RunStatistics runs) {
    for (RunStatistics.Drop reason : RunStatistics.Drop.values()) {
      out.sample(
          labels + "," + MetricWriter.labels("reason", reason.name().toLowerCase(Locale.ROOT)),
          runs.drops(reason));
    }
  }

  private static void write(
      MetricWriter out, Map<String, RunStatistics> byLabels, ToLongFunction<RunStatistics> value) {
    byLabels.forEach((labels, runs) -> out.sample(labels, value.applyAsLong(runs)));
  }
}
