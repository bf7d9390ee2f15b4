package io.salver.server.metrics;

import io.salver.batching.RunStatistics;
import io.salver.cache.CacheStatistics;
import io.salver.engine.LoadedModel;
import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.VersionState;
import io.salver.lifecycle.VersionStatus;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.predict.Predictor;
import io.salver.predict.ServingException;
import io.salver.testkit.HalfPlusTwo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Models whose state a test sets. */
public final class FakeServedModels implements ServedModels {
  private final List<ModelStatus> statuses = new ArrayList<>();
  private boolean ready;

  /** Puts a model in the place of one of the same name. */
  public void set(String model, String engine, String reason, VersionStatus... versions) {
    remove(model);
    statuses.add(new ModelStatus(model, engine, List.of(versions), Map.of(), reason));
  }

  /** Removes a model from the configuration. */
  public void remove(String model) {
    statuses.removeIf(status -> status.name().equals(model));
  }

  /** Sets what {@link #isReady()} says. */
  public void setReady(boolean ready) {
    this.ready = ready;
  }

  /** A version in a state, since 1970. */
  public static VersionStatus version(long version, VersionState state, String reason) {
    return new VersionStatus(version, state, null, reason, Instant.EPOCH);
  }

  /** A lease of a version that runs {@link HalfPlusTwo}. */
  public static ModelLease lease(ModelVersion version) {
    LoadedModel model = new HalfPlusTwo();
    return new ModelLease() {
      @Override
      public ModelVersion version() {
        return version;
      }

      @Override
      public LoadedModel model() {
        return model;
      }

      @Override
      public Predictor predictor() {
        throw new UnsupportedOperationException();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public ModelLease lease(String model, VersionSelector selector) {
    for (VersionStatus version : status(model).map(ModelStatus::versions).orElse(List.of())) {
      if (selector.equals(new VersionSelector.Exact(version.version()))) {
        return lease(new ModelVersion(model, version.version()));
      }
    }
    throw new ServingException(Category.NOT_FOUND, model + " " + selector);
  }

  @Override
  public Optional<CacheStatistics> cacheStatistics(ModelVersion version) {
    return Optional.of(new CacheStatistics(1, 2, 3, 4, 5, 6, 7, 8));
  }

  @Override
  public Optional<RunStatistics> statistics(ModelVersion version) {
    if (status(version.model()).isEmpty()) {
      return Optional.empty();
    }
    RunStatistics statistics = new RunStatistics();
    statistics.ran(3, 2, 10, 20, 30);
    statistics.ran(2_000, 1, 10, 20, 30);
    return Optional.of(statistics);
  }

  @Override
  public Optional<ModelStatus> status(String model) {
    return statuses.stream().filter(status -> status.name().equals(model)).findFirst();
  }

  @Override
  public List<ModelStatus> statuses() {
    return List.copyOf(statuses);
  }

  @Override
  public boolean isReady() {
    return ready;
  }
}
