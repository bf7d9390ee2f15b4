package io.salver.engine.process;

import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.util.Optional;

/** Says which versions are served by a worker, and by what. Thread-safe. */
@FunctionalInterface
public interface WorkerSpecs {
  /**
   * The worker for a version.
   *
   * @return empty if it is not served by a worker
   * @throws ModelLoadException if it is meant to be, and what is said of the worker is wrong
   */
  Optional<WorkerSpec> find(ModelFiles files) throws ModelLoadException;
}
