package io.salver.server.metrics;

import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.predict.Observer;
import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.ServingException;
import io.salver.predict.Stage;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts requests as Triton's statistics extension does: for each version since it was loaded.
 *
 * <p>Every request that held a version counts, by whatever API it came: as a success if it was
 * answered, otherwise as a failure. What was refused before it held one does not. Thread-safe;
 * recording takes no lock and allocates nothing but for the first request of a version or thread.
 */
public final class InferenceStatistics implements Observer {
  private static final int SUCCESSES = 0;
  private static final int SUCCESS_NS = 1;
  private static final int FAILURES = 2;
  private static final int FAILURE_NS = 3;
  private static final int QUEUE_NS = 4;
  private static final int INPUT_NS = 5;
  private static final int INFER_NS = 6;
  private static final int OUTPUT_NS = 7;
  private static final int HITS = 8;
  private static final int HIT_NS = 9;
  private static final int ROWS = 10;
  private static final int SIZE = 11;

  private static final Stage[] STAGES = Stage.values();

  /** From how many versions on a new one makes those be forgotten that are gone. */
  private static final int CROWD = 64;

  private final ServedModels served;
  private final ConcurrentHashMap<ModelVersion, Counters> versions = new ConcurrentHashMap<>();
  private final LongSupplier nanoClock;
  private final LongSupplier wallClockMs;

  /** How often, and for how long together. */
  public record Total(long count, long ns) {}

  /**
   * What was counted of a version.
   *
   * @param lastInferenceMs when its last request ended, in milliseconds since 1970; 0 for never
   * @param rows rows that were run, which leaves out those that the cache answered
   * @param success requests that were answered, and their whole time
   * @param fail requests that were not
   * @param queue of those that were answered: waiting for a place to run
   * @param computeInput of those that were run: from their last byte to the engine, but for the
   *     wait
   * @param computeInfer in the engine
   * @param computeOutput from the engine to the answer's bytes
   * @param cacheHit requests that the cache answered
   */
  public record Counts(
      long lastInferenceMs,
      long rows,
      Total success,
      Total fail,
      Total queue,
      Total computeInput,
      Total computeInfer,
      Total computeOutput,
      Total cacheHit) {
    private static final Total NO = new Total(0, 0);

    /** Of a version that had no request. */
    public static final Counts NONE = new Counts(0, 0, NO, NO, NO, NO, NO, NO, NO);
  }

  /** Of a version, since it was loaded. */
  private static final class Counters {
    private final Predictor loaded;

    /** Those of the load before this one, whose last requests may still end. */
    private final @Nullable Counters before;

    private final StripedCounters counters;
    private volatile long lastMs;

    Counters(Predictor loaded, @Nullable Counters before) {
      this.loaded = loaded;
      this.counters = new StripedCounters(SIZE);
      this.before = before == null ? null : new Counters(before);
    }

    /** The same counters without what was before them. */
    private Counters(Counters same) {
      this.loaded = same.loaded;
      this.before = null;
      this.counters = same.counters;
    }

    Total total(int count, int ns) {
      return new Total(counters.sum(count), counters.sum(ns));
    }

    Counts counts() {
      long successes = counters.sum(SUCCESSES);
      long hits = counters.sum(HITS);
      long runs = successes - hits;
      return new Counts(
          lastMs,
          counters.sum(ROWS),
          new Total(successes, counters.sum(SUCCESS_NS)),
          total(FAILURES, FAILURE_NS),
          new Total(successes, counters.sum(QUEUE_NS)),
          new Total(runs, counters.sum(INPUT_NS)),
          new Total(runs, counters.sum(INFER_NS)),
          new Total(runs, counters.sum(OUTPUT_NS)),
          new Total(hits, counters.sum(HIT_NS)));
    }
  }

  /**
   * Counts from nothing.
   *
   * @param served says which versions there are, so that others are forgotten
   */
  public InferenceStatistics(ServedModels served) {
    this(served, System::nanoTime, System::currentTimeMillis);
  }

  InferenceStatistics(ServedModels served, LongSupplier nanoClock, LongSupplier wallClockMs) {
    this.served = served;
    this.nanoClock = nanoClock;
    this.wallClockMs = wallClockMs;
  }

  @Override
  public void finished(PredictRequest request, @Nullable ServingException failure) {
    Counters counters = of(request.lease());
    StripedCounters.Row row = counters.counters.own();
    if (failure == null) {
      recordSuccess(request, row);
    } else {
      row.add(FAILURES, 1);
      row.add(FAILURE_NS, Math.max(0, nanoClock.getAsLong() - request.receivedNs()));
    }
    long nowMs = wallClockMs.getAsLong();
    if (counters.lastMs != nowMs) {
      counters.lastMs = nowMs;
    }
  }

  private Counters of(ModelLease lease) {
    Counters known = find(lease);
    return known != null ? known : create(lease);
  }

  private @Nullable Counters find(ModelLease lease) {
    Counters counters = versions.get(lease.version());
    if (counters != null && counters.loaded != lease.predictor()) {
      counters = counters.before;
    }
    return counters != null && counters.loaded == lease.predictor() ? counters : null;
  }

  private synchronized Counters create(ModelLease lease) {
    Counters known = find(lease);
    if (known != null) {
      return known;
    }
    if (versions.size() >= CROWD) {
      versions.keySet().removeIf(version -> served.statistics(version).isEmpty());
    }
    Counters fresh = new Counters(lease.predictor(), versions.get(lease.version()));
    versions.put(lease.version(), fresh);
    return fresh;
  }

  private static void recordSuccess(PredictRequest request, StripedCounters.Row row) {
    long totalNs = 0;
    for (Stage stage : STAGES) {
      totalNs += request.stageNs(stage);
    }
    row.add(SUCCESSES, 1);
    row.add(SUCCESS_NS, totalNs);
    row.add(QUEUE_NS, request.stageNs(Stage.QUEUE));
    long runNs = request.stageNs(Stage.RUN);
    if (runNs == 0) {
      row.add(HITS, 1);
      row.add(HIT_NS, totalNs);
      return;
    }
    row.add(INPUT_NS, request.stageNs(Stage.DECODE) + request.stageNs(Stage.BATCH));
    row.add(INFER_NS, runNs);
    row.add(OUTPUT_NS, request.stageNs(Stage.ENCODE));
    row.add(ROWS, hasBatchDimension(request.signature()) ? request.rows() : 1);
  }

  /**
   * Whether the first dimension of all inputs is one of rows: then rows are counted, not requests.
   */
  public static boolean hasBatchDimension(Signature signature) {
    for (TensorSpec input : signature.inputs()) {
      if (input.shape().isRankKnown()
          && (input.shape().rank() == 0 || input.shape().dim(0) != -1)) {
        return false;
      }
    }
    return true;
  }

  /** What was counted of the version that {@code lease} holds, since it was loaded. */
  public Counts counts(ModelLease lease) {
    Counters counters = find(lease);
    return counters == null ? Counts.NONE : counters.counts();
  }
}
