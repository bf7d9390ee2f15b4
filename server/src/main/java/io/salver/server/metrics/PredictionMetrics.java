package io.salver.server.metrics;

import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelVersion;
import io.salver.predict.Category;
import io.salver.predict.Observer;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts and times requests and predictions.
 *
 * <p>A front end tells it of each request exactly once: through the {@link #observer} for its API
 * when the request got hold of a version, by {@link #finished} when it did not, or when it never
 * had anything to predict.
 *
 * <p>Thread-safe. Recording is some twenty additions to memory that no other thread writes to: no
 * lock, no allocation, no text. The first request of a version and of a thread is the exception.
 */
public final class PredictionMetrics implements MetricSource {
  private final Recorders recorders;
  private final LongSupplier nanoClock;

  /**
   * Metrics of predictions.
   *
   * @param served says which models and versions there are, so that others get no labels
   * @param nanoClock as {@link System#nanoTime()}
   */
  public PredictionMetrics(ServedModels served, LongSupplier nanoClock) {
    this.recorders = new Recorders(served, nanoClock);
    this.nanoClock = nanoClock;
  }

  /** Counts the predictions of an API, each under the method that its signature is for. */
  public Observer observer(Api api) {
    return (request, failure) ->
        record(request, failure, api, Method.ofSignature(request.signature().methodName()));
  }

  /** Counts the predictions of one method of an API. */
  public Observer observer(Api api, Method method) {
    return (request, failure) -> record(request, failure, api, method);
  }

  private void record(
      PredictRequest request, @Nullable ServingException failure, Api api, Method method) {
    ModelVersion version = request.lease().version();
    VersionRecorder recorder = recorders.of(version.model(), version.version());
    long stagesNs = recorder.record(request, failure, method);
    if (failure == null) {
      record(recorder, api, method, null, stagesNs);
    } else {
      long latencyNs = nanoClock.getAsLong() - request.receivedNs();
      record(recorder, api, method, failure.category(), latencyNs);
    }
  }

  /**
   * Records a request that no observer of this is told of.
   *
   * @param model the name it gave, which may be of no model
   * @param version the version that it was given; -1 if none
   * @param failure null if it succeeded
   * @param latencyNs from its last byte's arrival to its encoded answer
   */
  public void finished(
      String model,
      long version,
      Api api,
      Method method,
      @Nullable Category failure,
      long latencyNs) {
    VersionRecorder recorder =
        failure == null && version >= 0
            ? recorders.of(model, version)
            : recorders.ofFailed(model, version);
    record(recorder, api, method, failure, latencyNs);
  }

  private static void record(
      VersionRecorder recorder,
      Api api,
      Method method,
      @Nullable Category failure,
      long latencyNs) {
    recorder.calls().of(api, method).record(failure, latencyNs);
    if (method.isPrediction()) {
      recorder.model().calls().of(api, method).record(failure, latencyNs);
    }
  }

  /** What was counted of a version's predictions so far; empty if it got none. */
  public Optional<VersionTotals> totals(ModelVersion version) {
    return recorders.find(version.model(), version.version()).map(VersionTotals::of);
  }

  @Override
  public void writeTo(MetricWriter out) {
    recorders.sweep();
    writeTensorflowServing(out);
    out.counter("salver_requests_total", "Requests answered, by outcome.");
    forEachVersion(out, VersionRecorder::writeRequests);
    out.histogram("salver_request_seconds", "From a request's last byte to its encoded answer.");
    forEachVersion(out, VersionRecorder::writeLatencies);
    out.histogram("salver_stage_seconds", "Time of each stage of a prediction.");
    forEachVersion(out, VersionRecorder::writeStages);
    out.counter("salver_rows_total", "Rows predicted.");
    forEachVersion(out, VersionRecorder::writeRows);
  }

  private void writeTensorflowServing(MetricWriter out) {
    List<ModelRecorder> models = recorders.models();
    out.counter(":tensorflow:serving:request_count", "The total number of requests.");
    models.forEach(model -> model.writeRequestCounts(out));
    out.histogram(
        ":tensorflow:serving:request_latency",
        "Distribution of wall time (in microseconds) for successful requests.");
    models.forEach(model -> model.writeRequestLatencies(out));
    out.histogram(
        ":tensorflow:serving:runtime_latency",
        "Distribution of wall time (in microseconds) for the engine's runs.");
    models.forEach(model -> model.writeRunLatencies(out));
    out.histogram(
        ":tensorflow:serving:request_example_counts", "The number of examples per request.");
    models.forEach(model -> model.writeExampleCounts(out));
    out.counter(":tensorflow:serving:request_example_count_total", "The total number of examples.");
    models.forEach(model -> model.writeExampleCountTotal(out));
  }

  private void forEachVersion(MetricWriter out, BiConsumer<VersionRecorder, MetricWriter> write) {
    for (ModelRecorder model : recorders.models()) {
      write.accept(model.unversioned(), out);
      model.versions().forEach(version -> write.accept(version, out));
    }
  }
}
