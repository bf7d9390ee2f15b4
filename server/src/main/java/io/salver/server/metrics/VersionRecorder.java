package io.salver.server.metrics;

import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.predict.Stage;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is counted of one version of a model. */
final class VersionRecorder {
  /** The version of what concerns no version, shown as an empty label. */
  static final long NONE = -1;

  private static final Stage[] STAGES = Stage.values();
  private static final Histogram[] STAGE_TIMES = new Histogram[STAGES.length];
  private static final int ROWS;

  static {
    int next = 0;
    for (int i = 0; i < STAGES.length; i++) {
      STAGE_TIMES[i] = new Histogram(Buckets.SECONDS, next);
      next = STAGE_TIMES[i].end();
    }
    ROWS = next;
  }

  private final ModelRecorder model;
  private final long version;
  private final String labels;
  private final CallTable calls = new CallTable(Buckets.SECONDS, true);
  private final StripedCounters counters = new StripedCounters(ROWS + 1);

  VersionRecorder(String modelName, ModelRecorder model, long version) {
    this.model = model;
    this.version = version;
    this.labels =
        MetricWriter.labels(
            "model", modelName, "version", version == NONE ? "" : Long.toString(version));
  }

  ModelRecorder model() {
    return model;
  }

  long version() {
    return version;
  }

  CallTable calls() {
    return calls;
  }

  /**
   * Records a prediction's stages and rows.
   *
   * @return the stages' time together
   */
  long record(PredictRequest request, @Nullable ServingException failure, Method method) {
    StripedCounters.Row row = counters.own();
    long totalNs = 0;
    for (int i = 0; i < STAGES.length; i++) {
      long tookNs = request.stageNs(STAGES[i]);
      if (tookNs != 0) {
        STAGE_TIMES[i].record(row, tookNs);
        totalNs += tookNs;
      }
    }
    if (failure == null) {
      long rows = request.rows();
      row.add(ROWS, rows);
      model.recordRun(method, request.stageNs(Stage.RUN), rows);
    }
    return totalNs;
  }

  /** Adds, for each stage, its nanoseconds and how many predictions went through it. */
  void addStagesTo(long[] sumsNs, long[] counts) {
    for (int i = 0; i < STAGES.length; i++) {
      Histogram times = STAGE_TIMES[i];
      sumsNs[i] += times.rawSum(counters);
      for (int bucket = 0; bucket < times.buckets().count(); bucket++) {
        counts[i] += times.count(counters, bucket);
      }
    }
  }

  /** Rows predicted. */
  long rows() {
    return counters.sum(ROWS);
  }

  void writeRequests(MetricWriter out) {
    calls.forEach((api, method, recorder) -> {
      for (int code = 0; code < CallRecorder.CODES; code++) {
        long count = recorder.count(code);
        if (count != 0) {
          String outcome = MetricWriter.labels("code", CallRecorder.codeName(code));
          out.sample(callLabels(api, method) + "," + outcome, count);
        }
      }
    });
  }

  void writeLatencies(MetricWriter out) {
    calls.forEach((api, method, recorder) -> recorder.writeLatency(out, callLabels(api, method)));
  }

  private String callLabels(Api api, Method method) {
    return labels + "," + MetricWriter.labels("api", api.name(), "method", method.label());
  }

  void writeStages(MetricWriter out) {
    for (int i = 0; i < STAGES.length; i++) {
      String stage = STAGES[i].name().toLowerCase(Locale.ROOT);
      out.histogram(labels + "," + MetricWriter.labels("stage", stage), STAGE_TIMES[i], counters);
    }
  }

  void writeRows(MetricWriter out) {
    long rows = rows();
    if (rows != 0) {
      out.sample(labels, rows);
    }
  }
}
