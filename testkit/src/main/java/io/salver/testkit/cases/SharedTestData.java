package io.salver.testkit.cases;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where the real models and data sets lie that are too large for the repository. */
public final class SharedTestData {
  /** The system property that names the directory; so does the variable {@link #VARIABLE}. */
  public static final String PROPERTY = "salver.testdata";

  /** The environment variable that names the directory. */
  public static final String VARIABLE = "SALVER_TESTDATA";

  private static final String MANIFEST = "MANIFEST.tsv";

  private SharedTestData() {}

  /**
   * The directory: the one that is named, or else {@code shared/testdata} beside the working
   * directory or one of those above it; empty if there is none.
   */
  public static Optional<Path> find() {
    String named = System.getProperty(PROPERTY, System.getenv(VARIABLE));
    if (named != null) {
      return Optional.of(Path.of(named)).filter(SharedTestData::isThere);
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path candidate = at.resolve("shared").resolve("testdata");
      if (isThere(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  private static boolean isThere(Path directory) {
    return Files.isRegularFile(directory.resolve(MANIFEST));
  }

  /** Why tests that need it are skipped. */
  public static String whyAbsent() {
    return "no shared/testdata above "
        + Path.of("").toAbsolutePath()
        + " (set "
        + VARIABLE
        + " to its place)";
  }
}
