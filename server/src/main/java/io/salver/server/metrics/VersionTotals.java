package io.salver.server.metrics;

import io.salver.predict.Stage;
import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * The predictions of one version that were counted up to some moment, or between two. Immutable.
 */
public final class VersionTotals {
  private static final int STAGES = Stage.values().length;

  private final long[] outcomes;
  private final long[] latencies;
  private final long[] stageNs;
  private final long[] stageCounts;
  private final long rows;

  private VersionTotals(
      long[] outcomes, long[] latencies, long[] stageNs, long[] stageCounts, long rows) {
    this.outcomes = outcomes;
    this.latencies = latencies;
    this.stageNs = stageNs;
    this.stageCounts = stageCounts;
    this.rows = rows;
  }

  /** What {@code recorder} has counted of its version's predictions. */
  static VersionTotals of(VersionRecorder recorder) {
    long[] outcomes = new long[CallRecorder.CODES];
    long[] latencies = new long[Buckets.SECONDS.count()];
    recorder
        .calls()
        .forEach((api, method, calls) -> {
          if (method.isPrediction()) {
            calls.addTo(outcomes, latencies);
          }
        });
    long[] stageNs = new long[STAGES];
    long[] stageCounts = new long[STAGES];
    recorder.addStagesTo(stageNs, stageCounts);
    return new VersionTotals(outcomes, latencies, stageNs, stageCounts, recorder.rows());
  }

  /** What was counted after {@code earlier}, of the same version. */
  public VersionTotals since(VersionTotals earlier) {
    return new VersionTotals(
        difference(outcomes, earlier.outcomes),
        difference(latencies, earlier.latencies),
        difference(stageNs, earlier.stageNs),
        difference(stageCounts, earlier.stageCounts),
        rows - earlier.rows);
  }

  private static long[] difference(long[] later, long[] earlier) {
    long[] result = new long[later.length];
    Arrays.setAll(result, i -> later[i] - earlier[i]);
    return result;
  }

  /** Predictions, whatever came of them. */
  public long requests() {
    return Arrays.stream(outcomes).sum();
  }

  /** Predictions that failed. */
  public long errors() {
    return requests() - outcomes[0];
  }

  /** Rows predicted. */
  public long rows() {
    return rows;
  }

  /**
   * A quantile of the time from a request's last byte to its encoded answer, in milliseconds; empty
   * if there was no request. Between two bounds of the histogram it is interpolated.
   *
   * @param q from 0 to 1
   */
  public OptionalDouble latencyMs(double q) {
    OptionalDouble ns = Buckets.SECONDS.quantile(latencies, q);
    return ns.isEmpty() ? ns : OptionalDouble.of(ns.getAsDouble() / 1e6);
  }

  /** The time of all predictions in {@code stage} together, in nanoseconds. */
  public long totalNs(Stage stage) {
    return stageNs[stage.ordinal()];
  }

  /** The mean time of a prediction in {@code stage} in milliseconds; empty if there was none. */
  public OptionalDouble meanMs(Stage stage) {
    int i = stage.ordinal();
    return stageCounts[i] <= 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(stageNs[i] / 1e6 / stageCounts[i]);
  }
}
