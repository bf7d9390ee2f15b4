package io.salver.server.metrics;

import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.VersionState;
import io.salver.lifecycle.VersionStatus;
import io.salver.model.ModelVersion;
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
    statuses.forEach(model ->
        model.versions().forEach(version -> writeState(out, labels(model, version), version)));
    out.gauge("salver_model_memory_bytes", "An upper bound of an available version's memory.");
    statuses.forEach(
        model -> model.versions().forEach(version -> writeMemory(out, model, version)));
  }

  private static void writeState(MetricWriter out, String labels, VersionStatus version) {
    for (VersionState state : VersionState.values()) {
      out.sample(
          labels + "," + MetricWriter.labels("state", state.name()),
          version.state() == state ? 1 : 0);
    }
  }

  private void writeMemory(MetricWriter out, ModelStatus model, VersionStatus version) {
    if (version.state() == VersionState.AVAILABLE) {
      ModelResources.of(served, new ModelVersion(model.name(), version.version()))
          .ifPresent(held -> out.sample(labels(model, version), held.memoryBytes()));
    }
  }

  private static String labels(ModelStatus model, VersionStatus version) {
    return MetricWriter.labels("model", model.name(), "version", Long.toString(version.version()));
  }
}
