package io.salver.model;

import io.salver.engine.LoadedModel;
import io.salver.predict.Predictor;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one version of a model loaded until it is closed. Closed exactly once, by any thread.
 *
 * <p>A request takes its lease before it is decoded, because the model's signature says how to
 * decode it, and closes it when its answer has been encoded, because outputs may lie in the
 * engine's memory.
 */
public interface ModelLease extends AutoCloseable {
  /** Which version is held. */
  ModelVersion version();

  /** The model; to be used only until {@link #close()}. */
  LoadedModel model();

  /** The last stages of the spine, which belong to this version: gathering and running. */
  Predictor predictor();

  /** The endpoint that chose this version; null if the caller did. */
  default @Nullable Routed routed() {
    return null;
  }

  /** Lets the version go: it may be unloaded when nobody else holds it. */
  @Override
  void close();
}
