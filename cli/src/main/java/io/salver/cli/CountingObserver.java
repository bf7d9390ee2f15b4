package io.salver.cli;

import io.salver.predict.Category;
import io.salver.predict.Observer;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.inference.InferenceCall;
import io.salver.server.inference.InferenceObserver;
import io.salver.server.metrics.Api;
import io.salver.server.metrics.InferenceStatistics;
import io.salver.server.metrics.Method;
import io.salver.server.metrics.PredictionMetrics;
import io.salver.server.tfserving.RequestLog;
import io.salver.server.trace.RequestEvents;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Counts what the front end of one API has done, and tells those logs that there are. */
final class CountingObserver implements InferenceObserver {
  private static final long NO_VERSION = -1;

  private final PredictionMetrics metrics;
  private final InferenceStatistics statistics;
  private final Api api;
  private final @Nullable RequestLog log;
  private final @Nullable RequestEvents events;
  private final Map<Method, Observer> byMethod = new EnumMap<>(Method.class);

  CountingObserver(
      PredictionMetrics metrics,
      InferenceStatistics statistics,
      Api api,
      @Nullable RequestLog log,
      @Nullable RequestEvents events) {
    this.metrics = metrics;
    this.statistics = statistics;
    this.api = api;
    this.log = log;
    this.events = events;
    for (Method method : Method.values()) {
      byMethod.put(method, metrics.observer(api, method));
    }
  }

  @Override
  public void finished(
      InferenceCall call, PredictRequest request, @Nullable ServingException failure) {
    finished(call.method(), request, failure);
    if (events != null) {
      events.finished(api, call, request, failure);
    }
  }

  @Override
  public void refused(InferenceCall call, ServingException failure, long receivedNs) {
    refused(call.method(), call.model(), failure, receivedNs);
    if (events != null) {
      events.refused(api, call, failure, receivedNs);
    }
  }

  @Override
  public void finished(Method method, PredictRequest request, @Nullable ServingException failure) {
    Objects.requireNonNull(byMethod.get(method)).finished(request, failure);
    statistics.finished(request, failure);
    if (log != null) {
      log.finished(request, failure);
    }
  }

  @Override
  public void refused(Method method, String model, ServingException failure, long receivedNs) {
    Category category = failure.category();
    metrics.finished(model, NO_VERSION, api, method, category, System.nanoTime() - receivedNs);
  }
}
