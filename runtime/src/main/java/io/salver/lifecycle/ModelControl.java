package io.salver.lifecycle;

import io.salver.predict.ServingException;
import java.time.Duration;
import java.util.Optional;

/**
 * Changes the configuration model by model. Thread-safe; not for threads that serve requests, as
 * all of it may block.
 */
public interface ModelControl {
  /** How a model is configured now; empty if it is not. */
  Optional<ModelConfig> configured(String model);

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
}
