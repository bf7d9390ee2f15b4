package io.salver.lifecycle;

import io.salver.batching.RunStatistics;
import io.salver.cache.CacheStatistics;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.model.VersionSelector;
import io.salver.predict.Caller;
import io.salver.predict.ServingException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The models as front ends see them. Thread-safe. */
public interface ServedModels {
  /**
   * Holds a version of a model. Never blocks, never loads: takes from what is available now.
   *
   * @throws ServingException NOT_FOUND if there is no such model or no such version available;
   *     INVALID_ARGUMENT for a label that is not known; UNAVAILABLE if the model is on demand and
   *     not in memory, which changes nothing
   */
  ModelLease lease(String model, VersionSelector selector);

  /**
   * As {@link #lease(String, VersionSelector)}, where an endpoint may stand for a model and choose
   * by what the caller says.
   */
  default ModelLease lease(String model, VersionSelector selector, Caller caller) {
    return lease(model, selector);
  }

  /**
   * The same for a request that can wait. Never blocks: a model on demand that is not in memory is
   * loaded by the control plane, and the waiter called when that has ended.
   *
   * @return null if {@code waiter} is called instead, perhaps before this returns; otherwise it
   *     never is
   * @throws ServingException as the other; RESOURCE_EXHAUSTED if too many requests wait for it
   */
  default @Nullable ModelLease lease(
      String model, VersionSelector selector, Caller caller, LeaseWaiter waiter) {
    return lease(model, selector, caller);
  }

  /** What the runs of a version came to so far; empty if it is not available, or not counted. */
  default Optional<RunStatistics> statistics(ModelVersion version) {
    return Optional.empty();
  }

  /** What the cache of a version came to so far; empty if it is not available, or has none. */
  default Optional<CacheStatistics> cacheStatistics(ModelVersion version) {
    return Optional.empty();
  }

  /** What there is to say of a model; empty if it has never been configured. */
  Optional<ModelStatus> status(String model);

  /** All models that are configured, by name. */
  List<ModelStatus> statuses();

  /**
   * Whether every model that was configured at start has an available version or has failed for
   * good, and the server is not draining.
   */
  boolean isReady();
}
