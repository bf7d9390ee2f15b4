package io.salver.server.metrics;

import io.salver.cache.CacheStatistics;
import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.VersionStatus;
import io.salver.model.ModelVersion;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;

/** What the prediction caches of the available versions came to. Thread-safe. */
public final class CacheMetrics implements MetricSource {
  private final ServedModels served;

  /** Metrics of {@code served}. */
  public CacheMetrics(ServedModels served) {
    this.served = served;
  }

  @Override
  public void writeTo(MetricWriter out) {
    Map<String, CacheStatistics> byLabels = statistics();
    out.counter("salver_cache_requests_total", "Requests that a prediction cache saw.");
    byLabels.forEach((labels, cache) -> {
      outcome(out, labels, "hit", cache.hits());
      outcome(out, labels, "miss", cache.misses());
      outcome(out, labels, "coalesced", cache.coalesced());
    });
    out.counter("salver_cache_evictions_total", "Answers dropped for want of room.");
    write(out, byLabels, CacheStatistics::evictions);
    out.gauge("salver_cache_entries", "Answers that are kept.");
    write(out, byLabels, CacheStatistics::entries);
    out.gauge("salver_cache_bytes", "What the answers that are kept take, with their inputs.");
    write(out, byLabels, CacheStatistics::bytes);
  }

  private Map<String, CacheStatistics> statistics() {
    Map<String, CacheStatistics> byLabels = new LinkedHashMap<>();
    for (ModelStatus model : served.statuses()) {
      for (VersionStatus version : model.versions()) {
        String number = Long.toString(version.version());
        served
            .cacheStatistics(new ModelVersion(model.name(), version.version()))
            .ifPresent(cache ->
                byLabels.put(MetricWriter.labels("model", model.name(), "version", number), cache));
      }
    }
    return byLabels;
  }

  private static void outcome(MetricWriter out, String labels, String outcome, long count) {
    out.sample(labels + "," + MetricWriter.labels("outcome", outcome), count);
  }

  private static void write(
      MetricWriter out,
      Map<String, CacheStatistics> byLabels,
      ToLongFunction<CacheStatistics> value) {
    byLabels.forEach((labels, cache) -> out.sample(labels, value.applyAsLong(cache)));
  }
}
