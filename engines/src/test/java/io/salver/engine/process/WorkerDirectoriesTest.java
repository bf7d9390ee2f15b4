package io.salver.engine.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerDirectoriesTest {
  /** Fails if somebody else holds the lock. */
  private static final String TAKE_LOCK =
      "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)";

  private static boolean isFreeForOthers(Path lock) throws IOException, InterruptedException {
    return new ProcessBuilder(List.of(Python.PATH, "-c", TAKE_LOCK, lock.toString()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  @Test
  void anotherRootOfThisProcessLeavesTheLockOfTheFirstAlone() throws Exception {
    Python.require("fcntl");
    try (WorkerDirectories first = new WorkerDirectories();
        WorkerDirectories second = new WorkerDirectories()) {
      Path directory = first.create();
      Path root = directory.getParent();
      Path lock = directory.resolveSibling("lock");
      assertThat(isFreeForOthers(lock)).isFalse();
      Files.setLastModifiedTime(root, FileTime.from(Instant.now().minus(Duration.ofMinutes(10))));
      Path other = second.create();
      assertThat(other).isDirectory();
      assertThat(directory).isDirectory();
      assertThat(isFreeForOthers(lock)).isFalse();
    }
  }
}
