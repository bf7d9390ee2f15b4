package io.salver.cli;

import io.salver.predict.Category;
import io.salver.predict.Observer;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.inference.InferenceObserver;
import io.salver.server.metrics.Api;
import io.salver.server.metrics.InferenceStatistics;
import io.salver.server.metrics.Method;
import io.salver.server.metrics.PredictionMetrics;
import io.salver.server.tfserving.RequestLog;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Counts what the front end of one API has done and, if there is a request log, logs it. */
final class CountingObserver implements InferenceObserver {
  private static final long NO_VERSION = -1;

  private final PredictionMetrics metrics;
  private final InferenceStatistics statistics;
  private final Api api;
  private final @Nullable RequestLog log;
  private final Map<Method, Observer> byMethod = new EnumMap<>(Method.class);

  CountingObserver(
      PredictionMetrics metrics,
      InferenceStatistics statistics,
      Api api,
      @Nullable RequestLog log) {
    this.metrics = metrics;
    this.statistics = statistics;
    this.api = api;
    this.log = log;
    for (Method method : Method.values()) {
      byMethod.put(method, metrics.observer(api, method));
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
