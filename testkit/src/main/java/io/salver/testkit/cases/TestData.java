package io.salver.testkit.cases;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the models and data sets lie that tests use but the repository does not hold. */
public final class TestData {
  /** The system property, and in upper case the environment variable, that names the directory. */
  public static final String PROPERTY = "salver.testdata";

  private static final String ENVIRONMENT = "SALVER_TESTDATA";

  private TestData() {}

  /**
   * The directory: what the system property or the environment says, otherwise {@code
   * shared/testdata} beside the working directory or a directory above it. Empty if there is none:
   * tests are skipped then, and say so.
   */
  public static Optional<Path> directory() {
    String named = System.getProperty(PROPERTY, System.getenv(ENVIRONMENT));
    if (named != null) {
      return Optional.of(Path.of(named)).filter(Files::isDirectory);
    }
    Path here = Path.of("").toAbsolutePath();
    return Stream.iterate(here, path -> path != null, Path::getParent)
        .map(path -> path.resolve("shared").resolve("testdata"))
        .filter(Files::isDirectory)
        .findFirst();
  }

  /** Why a test is skipped where there is no such directory. */
  public static String absence() {
    return "no shared/testdata beside the working directory or above it, and neither -D"
        + PROPERTY
        + " nor "
        + ENVIRONMENT
        + " names one";
  }
}
