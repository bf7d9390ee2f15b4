package io.salver.server.metrics;

import io.salver.engine.LoadedModel;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.model.VersionSelector;
import io.salver.predict.ServingException;
import java.util.Optional;

/**
 * What a version that is loaded holds.
 *
 * @param memoryBytes an upper bound of its memory
 * @param workerCpuNs CPU time that other processes have spent on it since it was loaded
 * @param workers how many runs other processes compute at once; 0 if none do
 */
public record ModelResources(long memoryBytes, long workerCpuNs, int workers) {
  /** What {@code version} holds; empty if it is not available. May read files. */
  public static Optional<ModelResources> of(ServedModels served, ModelVersion version) {
    VersionSelector exact = new VersionSelector.Exact(version.version());
    try (ModelLease lease = served.lease(version.model(), exact)) {
      LoadedModel model = lease.model();
      return Optional.of(
          new ModelResources(model.memoryBytes(), model.workerCpuNs(), model.workers()));
    } catch (ServingException goneMeanwhile) {
      return Optional.empty();
    }
  }
}
