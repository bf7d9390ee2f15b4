package io.salver.lifecycle;

import io.salver.batching.RunStatistics;
import io.salver.engine.LoadedModel;
import io.salver.model.ModelVersion;
import io.salver.predict.Predictor;

/**
 * The last stages of the spine for one version: made when it has been loaded, closed before its
 * model is, when no request holds it any more.
 */
public interface VersionRunner extends Predictor, AutoCloseable {
  /** Makes the runner of a version; called on a thread that loads, before the version is warmed. */
  @FunctionalInterface
  interface Factory {
    VersionRunner create(ModelVersion version, LoadedModel model);
  }

  /** What the version's runs came to so far. By any thread. */
  RunStatistics statistics();

  @Override
  void close();
}
