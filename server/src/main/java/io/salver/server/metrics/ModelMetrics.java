package io.salver.server.metrics;

import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.VersionState;
import io.salver.lifecycle.VersionStatus;
import java.util.List;

/** Says what state the models are in, at the time it is asked. Thread-safe. */
public final class ModelMetrics implements MetricSource {
  private final ServedModels served;

  /** Metrics of {@code served}. */
  public ModelMetrics(ServedModels served) {
    this.served = served;
  }

  @Override
  public void writeTo(MetricWriter out) {
    List<ModelStatus> statuses = served.statuses();
    out.gauge("salver_ready", "1 if the server is ready and not draining, else 0.");
    out.sample("", served.isReady() ? 1 : 0);
    out.gauge("salver_model_state", "1 for the state that a version is in, 0 for the others.");
    statuses.forEach(model -> model.versions().forEach(version -> writeState(out, model, version)));
    out.gauge("salver_models_not_loaded", "Models that wait to be asked for.");
    out.sample("", statuses.stream().filter(ModelMetrics::isNotLoaded).count());
    out.gauge("salver_model_memory_bytes", "What is set aside for an available version.");
    statuses.forEach(
        model -> model.versions().forEach(version -> writeMemory(out, model, version)));
  }

  /** Of a version that is not loaded there is nothing to say, and there may be thousands. */
  private static void writeState(MetricWriter out, ModelStatus model, VersionStatus version) {
    if (version.state() == VersionState.NOT_LOADED) {
      return;
    }
    String labels = labels(model, version);
    for (VersionState state : VersionState.values()) {
      if (state != VersionState.NOT_LOADED) {
        out.sample(
            labels + "," + MetricWriter.labels("state", state.name()),
            version.state() == state ? 1 : 0);
      }
    }
  }

  private static boolean isNotLoaded(ModelStatus model) {
    return !model.versions().isEmpty()
        && model.versions().stream().allMatch(v -> v.state() == VersionState.NOT_LOADED);
  }

  private static void writeMemory(MetricWriter out, ModelStatus model, VersionStatus version) {
    if (version.state() == VersionState.AVAILABLE) {
      out.sample(labels(model, version), version.memoryBytes());
    }
  }

  private static String labels(ModelStatus model, VersionStatus version) {
    return MetricWriter.labels("model", model.name(), "version", Long.toString(version.version()));
  }
}
