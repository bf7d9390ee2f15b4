package io.salver.lifecycle;

import java.nio.file.Path;
import java.util.Map;

/**
 * A model that is to be served.
 *
 * @param name its name in requests
 * @param basePath where its versions are
 * @param platform the engine's name, or empty to find out from the files
 * @param versions which of the versions that are found to serve
 * @param labels names for versions
 * @param onDemand whether it is loaded when it is first asked for, and may be unloaded again to
 *     make room for others
 * @param pinned whether it is loaded and stays so, even if it is on demand
 */
public record ModelConfig(
    String name,
    BasePath basePath,
    String platform,
    VersionPolicy versions,
    Map<String, Long> labels,
    boolean onDemand,
    boolean pinned) {
  public ModelConfig {
    labels = Map.copyOf(labels);
    if (name.isEmpty()) {
      throw new IllegalArgumentException("model: name \"\" (expected: a name)");
    }
  }

  /** A model in a directory of this machine, which is absolute. */
  public ModelConfig(
      String name,
      Path basePath,
      String platform,
      VersionPolicy versions,
      Map<String, Long> labels,
      boolean onDemand,
      boolean pinned) {
    this(name, new BasePath.Local(basePath), platform, versions, labels, onDemand, pinned);
  }

  /** A model that is loaded at once and stays loaded. */
  public ModelConfig(
      String name,
      Path basePath,
      String platform,
      VersionPolicy versions,
      Map<String, Long> labels) {
    this(name, basePath, platform, versions, labels, false, false);
  }

  /** Whether nothing but this configuration says when it is loaded. */
  public boolean staysLoaded() {
    return !onDemand || pinned;
  }

  /** With other versions. */
  public ModelConfig withVersions(VersionPolicy others) {
    return new ModelConfig(name, basePath, platform, others, labels, onDemand, pinned);
  }

  /** With other labels. */
  public ModelConfig withLabels(Map<String, Long> others) {
    return new ModelConfig(name, basePath, platform, versions, others, onDemand, pinned);
  }

  /** On demand or not, pinned or not. */
  public ModelConfig withResidence(boolean isOnDemand, boolean isPinned) {
    return new ModelConfig(name, basePath, platform, versions, labels, isOnDemand, isPinned);
  }
}
