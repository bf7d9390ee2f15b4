package io.salver.lifecycle;

import io.salver.batching.RunStatistics;
import io.salver.cache.CacheStatistics;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.model.ModelVersion;
import io.salver.predict.Predictor;
import java.util.Optional;

/**
 * The last stages of the spine for one version: made when it has been loaded, closed before its
 * model is, when no request holds it any more.
 */
public interface VersionRunner extends Predictor, AutoCloseable {
  /** Makes the runner of a version; called on a thread that loads, before the version is warmed. */
  @FunctionalInterface
  interface Factory {
    VersionRunner create(ModelVersion version, LoadedModel model);

    /**
     * As the other, with the files that the model was loaded from.
     *
     * @throws ModelLoadException if they say something that cannot be kept to
     */
    default VersionRunner create(ModelVersion version, ModelFiles files, LoadedModel model)
        throws ModelLoadException {
      return create(version, model);
    }
  }

  /** What the version's runs came to so far. By any thread. */
  RunStatistics statistics();

  /** What the version's cache came to so far; empty if it has none. By any thread. */
  default Optional<CacheStatistics> cacheStatistics() {
    return Optional.empty();
  }

  /** The version has been warmed: what comes from now on was sent by clients. Called once. */
  default void warmed() {}

  @Override
  void close();
}
