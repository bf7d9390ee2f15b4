package io.salver.engine.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** A Python that has what a test needs. */
final class Python {
  static final String PATH = "/usr/bin/python3";

  private static final ConcurrentMap<String, Boolean> HAS = new ConcurrentHashMap<>();

  private Python() {}

  /** Skips the test if there is no such module for it. */
  static void require(String module) {
    assumeTrue(
        HAS.computeIfAbsent(module, Python::has), PATH + " has no " + module + ": test skipped");
  }

  private static boolean has(String module) {
    try {
      return Files.isExecutable(Path.of(PATH))
          && new ProcessBuilder(List.of(PATH, "-c", "import " + module))
                  .redirectErrorStream(true)
                  .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                  .start()
                  .waitFor()
              == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
