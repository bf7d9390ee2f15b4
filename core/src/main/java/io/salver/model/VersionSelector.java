package io.salver.model;

/** Which version of a model a request wants. */
public sealed interface VersionSelector {
  /** The one {@link Latest}. */
  VersionSelector LATEST = new Latest();

  /** The highest version that is available. */
  record Latest() implements VersionSelector {}

  /** This version. */
  record Exact(long version) implements VersionSelector {}

  /** The version to which this label points. */
  record Labelled(String label) implements VersionSelector {}
}
