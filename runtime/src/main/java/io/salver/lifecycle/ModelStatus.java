package io.salver.lifecycle;

import java.util.List;
import java.util.Map;

/**
 * A model's state.
 *
 * @param engine the engine of its available versions, or empty if there is none
 * @param versions highest first; of those that ended, only the most recent few
 * @param labels the version to which each label points
 * @param reason why nothing is available, in words; empty if something is
 * @param onDemand whether it is loaded when it is first asked for
 * @param pinned whether it stays loaded even so
 */
public record ModelStatus(
    String name,
    String engine,
    List<VersionStatus> versions,
    Map<String, Long> labels,
    String reason,
    boolean onDemand,
    boolean pinned) {
  public ModelStatus {
    versions = List.copyOf(versions);
    labels = Map.copyOf(labels);
  }

  /** A model that is loaded at once. */
  public ModelStatus(
      String name,
      String engine,
      List<VersionStatus> versions,
      Map<String, Long> labels,
      String reason) {
    this(name, engine, versions, labels, reason, false, false);
  }
}
