package io.salver.server.console;

import io.salver.cache.CacheStatistics;
import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.VersionStatus;
import io.salver.predict.Stage;
import io.salver.server.json.JsonWriter;
import io.salver.server.metrics.VersionTotals;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes the parts of the state. What is not known is left out. */
final class StateJson {
  private static final Stage[] STAGES = Stage.values();

  private StateJson() {}

  /** Appends what there is to say of a model beside its versions, up to an open list of them. */
  static void beginModel(ModelStatus model, JsonWriter out) {
    out.raw("{\"name\":").string(model.name());
    out.raw(",\"engine\":").string(model.engine());
    out.raw(",\"reason\":").string(model.reason());
    out.raw(",\"on_demand\":").value(model.onDemand());
    out.raw(",\"pinned\":").value(model.pinned());
    out.raw(",\"labels\":{");
    boolean first = true;
    for (Map.Entry<String, Long> label : new TreeMap<>(model.labels()).entrySet()) {
      out.raw(first ? "" : ",").string(label.getKey()).raw(':').value(label.getValue());
      first = false;
    }
    out.raw("},\"versions\":[");
  }

  /** Appends a version's state, up to an open object. */
  static void beginVersion(VersionStatus version, JsonWriter out) {
    out.raw("{\"version\":").value(version.version());
    out.raw(",\"state\":").string(version.state().name());
    out.raw(",\"reason\":").string(version.reason());
    out.raw(",\"since\":").string(version.since().toString());
    if (version.error() != null) {
      out.raw(",\"error\":").string(version.error().category().name());
    }
    if (version.memoryBytes() > 0) {
      out.raw(",\"memory_bytes\":").value(version.memoryBytes());
    }
    if (version.lastUsed() != null) {
      out.raw(",\"last_used\":").string(version.lastUsed().toString());
    }
  }

  /** Appends the rates of the last period, and the times of the whole window. */
  static void predictions(
      VersionTotals now,
      @Nullable VersionTotals last,
      double lastSeconds,
      @Nullable VersionTotals first,
      JsonWriter out) {
    out.raw(",\"requests\":").value(now.requests());
    out.raw(",\"errors\":").value(now.errors());
    if (lastSeconds > 0) {
      VersionTotals recent = last == null ? now : now.since(last);
      number("requests_per_s", recent.requests() / lastSeconds, out);
      number("errors_per_s", recent.errors() / lastSeconds, out);
      number("rows_per_s", recent.rows() / lastSeconds, out);
      times(first == null ? now : now.since(first), out);
    }
  }

  private static void times(VersionTotals window, JsonWriter out) {
    number("p50_ms", window.latencyMs(0.5), out);
    number("p99_ms", window.latencyMs(0.99), out);
    out.raw(",\"stages_ms\":{");
    boolean first = true;
    for (Stage stage : STAGES) {
      OptionalDouble mean = window.meanMs(stage);
      if (mean.isPresent()) {
        out.raw(first ? "\"" : ",\"").raw(stage.name().toLowerCase(Locale.ROOT)).raw("\":");
        out.value(rounded(mean.getAsDouble()));
        first = false;
      }
    }
    out.raw('}');
  }

  /** Appends how many runs of the window had how many rows. */
  static void batches(long[] counts, long queued, JsonWriter out) {
    out.raw(",\"queued\":").value(queued).raw(",\"batch_rows\":[");
    for (int i = 0; i < counts.length; i++) {
      out.raw(i == 0 ? "" : ",").value(counts[i]);
    }
    out.raw(']');
  }

  static void cache(CacheStatistics cache, JsonWriter out) {
    out.raw(",\"cache\":{\"hits\":").value(cache.hits());
    out.raw(",\"misses\":").value(cache.misses());
    out.raw(",\"coalesced\":").value(cache.coalesced());
    out.raw(",\"evictions\":").value(cache.evictions());
    out.raw(",\"entries\":").value(cache.entries());
    out.raw(",\"bytes\":").value(cache.bytes()).raw('}');
  }

  private static void number(String key, OptionalDouble value, JsonWriter out) {
    if (value.isPresent()) {
      number(key, value.getAsDouble(), out);
    }
  }

  static void number(String key, double value, JsonWriter out) {
    out.raw(",\"").raw(key).raw("\":").value(rounded(value));
  }

  /** To microseconds, or thousandths of whatever it is. */
  private static double rounded(double value) {
    return Math.rint(value * 1000) / 1000;
  }
}
