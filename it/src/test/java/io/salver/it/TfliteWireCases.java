package io.salver.it;

import io.salver.testkit.cases.TfliteCases;
import java.nio.file.Path;
import java.util.List;

/** The table of the TensorFlow Lite engine's cases, as {@link WireCase}s. */
final class TfliteWireCases {
  private TfliteWireCases() {}

  static List<WireCase> all(Path testData) {
    return TfliteCases.all(testData).stream()
        .map(c ->
            ExpectedWireCases.of(c.name(), c::install, c.signature(), c.inputs(), c.expected()))
        .toList();
  }
}
