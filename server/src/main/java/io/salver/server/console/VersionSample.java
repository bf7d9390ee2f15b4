package io.salver.server.console;

import io.salver.batching.RunStatistics;
import io.salver.cache.CacheStatistics;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelVersion;
import io.salver.server.metrics.PredictionMetrics;
import io.salver.server.metrics.VersionTotals;
import org.jspecify.annotations.Nullable;

/**
 * What a version's counters said at some moment.
 *
 * @param timeNs when, as {@link System#nanoTime()}
 * @param totals null if it has had no request
 * @param batchRows as {@link BatchRows}
 * @param cache null if it has none
 */
record VersionSample(
    long timeNs,
    @Nullable VersionTotals totals,
    long[] batchRows,
    long queued,
    @Nullable CacheStatistics cache) {

  static VersionSample of(
      ModelVersion version, ServedModels models, PredictionMetrics metrics, long timeNs) {
    RunStatistics runs = models.statistics(version).orElse(null);
    return new VersionSample(
        timeNs,
        metrics.totals(version).orElse(null),
        runs == null ? new long[0] : BatchRows.of(runs),
        runs == null ? 0 : runs.queued(),
        models.cacheStatistics(version).orElse(null));
  }

  double secondsSince(VersionSample earlier) {
    return (timeNs - earlier.timeNs) / 1e9;
  }
}
