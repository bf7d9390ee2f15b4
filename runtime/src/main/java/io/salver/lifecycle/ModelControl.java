package io.salver.lifecycle;

import io.salver.predict.ServingException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Changes the configuration model by model. Thread-safe; not for threads that serve requests, as
 * all of it may block.
 */
public interface ModelControl {
  /** How a model is configured now; empty if it is not. */
  Optional<ModelConfig> configured(String model);

  /**
   * Looks which versions of a model there are, wanted or not.
   *
   * @throws ServingException UNAVAILABLE if that cannot be found out
   */
  Set<Long> versions(ModelConfig model);

  /**
   * Serves {@code model} like this from now on, and leaves the others as they are. Returns before
   * anything is loaded.
   *
   * @throws ServingException if the configuration is refused, and nothing has changed
   */
  void serve(ModelConfig model);

  /**
   * Blocks until each version that is wanted of a model is available, or has failed to load once
   * since it was last configured otherwise.
   *
   * @return why the versions that are not available are not; empty if all are
   * @throws ServingException DEADLINE_EXCEEDED after {@code limit}, or CANCELLED if interrupted
   */
  Optional<String> await(String model, Duration limit);

  /**
   * Serves {@code model} no more, and leaves the others as they are. When this returns no new
   * request gets it; it is unloaded when the last one that has it is answered.
   *
   * @return false if it was not configured
   */
  boolean withdraw(String model);

  /**
   * Has a model loaded that is out of memory: one on demand, or one that {@link #unload} took out.
   * Returns before it is.
   *
   * @throws ServingException NOT_FOUND if it is not configured
   */
  void load(String model);

  /**
   * Takes a model out of memory, once the requests that have it are answered, and leaves it
   * configured: one on demand until it is asked for again, another until {@link #load}.
   *
   * @throws ServingException NOT_FOUND if it is not configured, FAILED_PRECONDITION if it is pinned
   */
  void unload(String model);

  /** What models take, and may take. */
  MemoryUse memory();

  /**
   * Memory of models.
   *
   * @param budgetBytes what all versions together may take; {@link Long#MAX_VALUE} for no limit
   * @param usedBytes what is set aside for those that are in memory
   */
  record MemoryUse(long budgetBytes, long usedBytes) {}
}
