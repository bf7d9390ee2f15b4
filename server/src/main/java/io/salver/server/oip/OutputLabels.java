package io.salver.server.oip;

import io.salver.model.ModelVersion;
import java.util.List;

/** Knows what the classes of outputs are called. Thread-safe, and does not block. */
@FunctionalInterface
interface OutputLabels {
  /** Knows nothing. */
  OutputLabels NONE = (_, _) -> List.of();

  /** The names of the classes of an output, by their indices; empty if they have none. */
  List<String> of(ModelVersion version, String output);
}
