package io.salver.lifecycle;

import io.salver.model.ModelVersion;
import java.time.Duration;

/**
 * Hears what becomes of models, for logs and metrics.
 *
 * <p>Called in the order of events, one call at a time, under a lock of the manager's: it must
 * return at once and must not call the manager.
 */
public interface LifecycleListener {
  /** Hears nothing. */
  LifecycleListener NONE = new LifecycleListener() {};

  /**
   * A version entered a state, or stays in it for another reason.
   *
   * @param reason in words; empty if there is nothing to say
   */
  default void onState(ModelVersion version, VersionState state, String reason) {}

  /**
   * A version became available.
   *
   * @param took from the beginning of its load to the end of its warm-up
   * @param onDemand whether a request had it loaded, which may happen often
   */
  default void onLoaded(ModelVersion version, Duration took, boolean onDemand) {}

  /**
   * Something about a model needs an operator: its base path cannot be read, a version cannot be
   * unloaded. Said once for as long as it stays the same.
   */
  default void onProblem(String model, String problem) {}
}
