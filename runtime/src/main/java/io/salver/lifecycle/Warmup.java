package io.salver.lifecycle;

import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.model.ModelLease;

/** Runs requests through a version before it becomes available, so that the first user does not. */
@FunctionalInterface
public interface Warmup {
  /**
   * Warms a version; called on a thread that loads.
   *
   * @param lease the version, not yet available to anybody else; the caller closes it
   * @throws ModelLoadException if the version's own warm-up requests are broken or fail, which
   *     fails the load
   */
  void warm(ModelFiles files, ModelLease lease) throws ModelLoadException;
}
