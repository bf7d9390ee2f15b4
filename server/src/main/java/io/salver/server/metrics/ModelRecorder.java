package io.salver.server.metrics;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is counted of one model over all its versions, as TensorFlow Serving counts it.
 *
 * <p>Recorded here once more instead of being summed from the versions, because a counter must not
 * fall when a version goes.
 */
final class ModelRecorder {
  private static final Histogram[] RUN_TIMES = new Histogram[Method.PREDICTIONS];
  private static final Histogram EXAMPLES;

  static {
    int next = 0;
    for (int i = 0; i < RUN_TIMES.length; i++) {
      RUN_TIMES[i] = new Histogram(Buckets.TF_LATENCY, next);
      next = RUN_TIMES[i].end();
    }
    EXAMPLES = new Histogram(Buckets.TF_EXAMPLES, next);
  }

  private final String name;
  private final CallTable calls = new CallTable(Buckets.TF_LATENCY, false);
  private final StripedCounters counters = new StripedCounters(EXAMPLES.end());
  private final VersionRecorder unversioned;
  private volatile VersionRecorder[] versions = {};
  private volatile String engine = "";

  ModelRecorder(String name) {
    this.name = name;
    this.unversioned = new VersionRecorder(name, this, VersionRecorder.NONE);
  }

  String name() {
    return name;
  }

  CallTable calls() {
    return calls;
  }

  /** For requests that never got hold of a version. */
  VersionRecorder unversioned() {
    return unversioned;
  }

  /** The recorder of {@code version}, or null. */
  @Nullable VersionRecorder find(long version) {
    for (VersionRecorder recorder : versions) {
      if (recorder.version() == version) {
        return recorder;
      }
    }
    return null;
  }

  /** The recorder of {@code version}, made if need be. */
  synchronized VersionRecorder create(long version) {
    VersionRecorder present = find(version);
    if (present != null) {
      return present;
    }
    List<VersionRecorder> all = new ArrayList<>(List.of(versions));
    VersionRecorder fresh = new VersionRecorder(name, this, version);
    all.add(fresh);
    versions = all.toArray(VersionRecorder[]::new);
    return fresh;
  }

  synchronized void remove(VersionRecorder version) {
    List<VersionRecorder> all = new ArrayList<>(List.of(versions));
    all.remove(version);
    versions = all.toArray(VersionRecorder[]::new);
  }

  /** The recorders of the versions that got requests. */
  List<VersionRecorder> versions() {
    return List.of(versions);
  }

  /** Says which engine runs the model. */
  void setEngine(String engine) {
    this.engine = engine;
  }

  /**
   * Records a run.
   *
   * @param runNs 0 if it was not timed
   */
  void recordRun(Method method, long runNs, long rows) {
    StripedCounters.Row row = counters.own();
    if (runNs != 0) {
      RUN_TIMES[method.ordinal()].record(row, runNs);
    }
    if (method != Method.PREDICT) {
      EXAMPLES.record(row, rows);
    }
  }

  void writeRequestCounts(MetricWriter out) {
    long[] counts = new long[CallRecorder.CODES];
    calls.forEach((api, method, recorder) -> {
      for (int code = 0; code < counts.length; code++) {
        counts[code] += recorder.count(code);
      }
    });
    for (int code = 0; code < counts.length; code++) {
      if (counts[code] != 0) {
        out.sample(
            MetricWriter.labels("model_name", name, "status", CallRecorder.codeName(code)),
            counts[code]);
      }
    }
  }

  void writeRequestLatencies(MetricWriter out) {
    calls.forEach((api, method, recorder) ->
        recorder.writeLatency(
            out,
            MetricWriter.labels(
                "model_name", name, "API", method.label(), "entrypoint", api.name())));
  }

  void writeRunLatencies(MetricWriter out) {
    String runtime = engine.equals("tensorflow") ? "TF1" : engine;
    for (int i = 0; i < RUN_TIMES.length; i++) {
      String api = Method.of(i).label();
      out.histogram(
          MetricWriter.labels("model_name", name, "API", api, "runtime", runtime),
          RUN_TIMES[i],
          counters);
    }
  }

  void writeExampleCounts(MetricWriter out) {
    out.histogram(MetricWriter.labels("model", name), EXAMPLES, counters);
  }

  void writeExampleCountTotal(MetricWriter out) {
    long examples = (long) EXAMPLES.sum(counters);
    if (examples != 0) {
      out.sample(MetricWriter.labels("model", name), examples);
    }
  }
}
