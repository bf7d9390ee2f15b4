package io.salver.cli;

import java.util.Objects;

/** Which Salver this is. */
final class SalverVersion {
  /** From the jar's manifest, or {@code development} where there is no jar. */
  static final String VERSION =
      Objects.requireNonNullElse(
          SalverVersion.class.getPackage().getImplementationVersion(), "development");

  private SalverVersion() {}
}
