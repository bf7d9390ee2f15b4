package io.salver.server.oip;

import io.salver.batching.RunStatistics;
import io.salver.cache.CacheStatistics;
import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.metrics.InferenceStatistics;
import io.salver.server.metrics.InferenceStatistics.Counts;
import io.salver.server.metrics.InferenceStatistics.Total;
import io.salver.server.oip.proto.InferBatchStatistics;
import io.salver.server.oip.proto.InferStatistics;
import io.salver.server.oip.proto.MemoryUsage;
import io.salver.server.oip.proto.ModelStatistics;
import io.salver.server.oip.proto.ModelStatisticsRequest;
import io.salver.server.oip.proto.ModelStatisticsResponse;
import io.salver.server.oip.proto.StatisticDuration;
import java.util.List;
import java.util.Optional;

/** Answers what was counted of versions that are ready. Thread-safe. */
final class StatisticsReport {
  private final ServedModels models;
  private final InferenceStatistics statistics;

  StatisticsReport(ServedModels models, InferenceStatistics statistics) {
    this.models = models;
    this.statistics = statistics;
  }

  /**
   * What was counted.
   *
   * @throws ServingException INVALID_ARGUMENT if a model or version is named that is not ready
   */
  ModelStatisticsResponse of(ModelStatisticsRequest request) {
    ModelStatisticsResponse.Builder response = ModelStatisticsResponse.newBuilder();
    String model = request.getName();
    if (model.isEmpty()) {
      models.statuses().stream().map(ModelStatus::name).forEach(name -> add(name, response));
      return response.build();
    }
    if (request.getVersion().isEmpty()) {
      add(model, response);
      if (response.getModelStatsCount() == 0) {
        throw ServingException.invalid("requested model '" + model + "' is not available");
      }
      return response.build();
    }
    Optional<ModelStatistics> one = one(model, ModelVersions.selector(request.getVersion()));
    return response
        .addModelStats(
            one.orElseThrow(() ->
                ServingException.invalid(
                    "requested model version is not available for model '" + model + "'")))
        .build();
  }

  private void add(String model, ModelStatisticsResponse.Builder to) {
    for (long version : ModelVersions.ready(models, model)) {
      one(model, new VersionSelector.Exact(version)).ifPresent(to::addModelStats);
    }
  }

  /** Empty if the version is not ready, or has just gone. */
  private Optional<ModelStatistics> one(String model, VersionSelector selector) {
    try (ModelLease lease = models.lease(model, selector)) {
      return Optional.of(of(lease));
    } catch (ServingException e) {
      if (e.category() != Category.NOT_FOUND) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private ModelStatistics of(ModelLease lease) {
    Counts counts = statistics.counts(lease);
    List<RunStatistics.Size> runs = runs(lease);
    return ModelStatistics.newBuilder()
        .setName(lease.version().model())
        .setVersion(Long.toString(lease.version().version()))
        .setLastInference(counts.lastInferenceMs())
        .setInferenceCount(counts.rows())
        .setExecutionCount(runs.stream().mapToLong(RunStatistics.Size::count).sum())
        .setInferenceStats(inferenceStats(counts, models.cacheStatistics(lease.version())))
        .addAllBatchStats(runs.stream().map(StatisticsReport::batch).toList())
        .addMemoryUsage(
            MemoryUsage.newBuilder().setType("CPU").setByteSize(lease.model().memoryBytes()))
        .build();
  }

  /** A model without a batch dimension has runs of one size, which is 1. */
  private List<RunStatistics.Size> runs(ModelLease lease) {
    List<RunStatistics.Size> runs =
        models.statistics(lease.version()).map(RunStatistics::bySize).orElse(List.of());
    boolean batched =
        lease.model().signatures().values().stream()
            .anyMatch(InferenceStatistics::hasBatchDimension);
    if (runs.isEmpty() || batched) {
      return runs;
    }
    return List.of(
        new RunStatistics.Size(
            1,
            runs.stream().mapToLong(RunStatistics.Size::count).sum(),
            runs.stream().mapToLong(RunStatistics.Size::inputNs).sum(),
            runs.stream().mapToLong(RunStatistics.Size::inferNs).sum(),
            runs.stream().mapToLong(RunStatistics.Size::outputNs).sum()));
  }

  private static InferStatistics inferenceStats(Counts counts, Optional<CacheStatistics> cache) {
    return InferStatistics.newBuilder()
        .setSuccess(duration(counts.success()))
        .setFail(duration(counts.fail()))
        .setQueue(duration(counts.queue()))
        .setComputeInput(duration(counts.computeInput()))
        .setComputeInfer(duration(counts.computeInfer()))
        .setComputeOutput(duration(counts.computeOutput()))
        .setCacheHit(duration(counts.cacheHit()))
        .setCacheMiss(
            cache.map(c -> duration(c.misses(), c.missNs())).orElseGet(() -> duration(0, 0)))
        .build();
  }

  private static StatisticDuration duration(Total total) {
    return duration(total.count(), total.ns());
  }

  private static StatisticDuration duration(long count, long ns) {
    return StatisticDuration.newBuilder().setCount(count).setNs(ns).build();
  }

  private static InferBatchStatistics batch(RunStatistics.Size size) {
    return InferBatchStatistics.newBuilder()
        .setBatchSize(size.batchSize())
        .setComputeInput(duration(size.count(), size.inputNs()))
        .setComputeInfer(duration(size.count(), size.inferNs()))
        .setComputeOutput(duration(size.count(), size.outputNs()))
        .build();
  }
}
