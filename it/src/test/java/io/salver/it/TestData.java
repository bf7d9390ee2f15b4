package io.salver.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.salver.testkit.cases.SharedTestData;
import java.nio.file.Path;
import java.util.Optional;

/** The models that are too large for the repository. */
final class TestData {
  private TestData() {}

  /** Their directory; the test is skipped, and says why, where there is none. */
  static Path required() {
    Optional<Path> directory = SharedTestData.find();
    assumeTrue(directory.isPresent(), SharedTestData::whyAbsent);
    return directory.orElseThrow();
  }
}
