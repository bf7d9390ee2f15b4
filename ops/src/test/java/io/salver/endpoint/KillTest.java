package io.salver.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed in the middle of an operation leaves the state before it or the state
 * after it. {@code -Dsalver.kills=200} says how often that is tried.
 */
class KillTest {
  private static final int KILLS = Integer.getInteger("salver.kills", 25);
  private static final int MOST_OPERATIONS = 20;
  private static final long LONGEST_WAIT_NS = 4_000_000;
  private static final long SEED = 20261127;

  @TempDir Path directory;

  /** The last operations that a killed writer said to have begun and ended. */
  private record Said(int begun, int ended) {}

  @Test
  void aKilledOperationIsDoneOrNotDone() throws IOException {
    Random random = new Random(SEED);
    List<Integer> done = new ArrayList<>();
    int next = 0;
    int undone = 0;
    int cutOff = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      Said said = killed(next, random);
      for (; next <= said.ended; next++) {
        done.add(next);
      }
      List<Object> found = reopened();
      List<Object> before = after(done);
      String at = "seed " + SEED + ", kill " + kill + ", " + said;
      if (said.begun == said.ended) {
        assertThat(found).as(at).isEqualTo(before);
        continue;
      }
      cutOff++;
      next = said.begun + 1;
      if (found.equals(before)) {
        undone++;
      } else {
        done.add(said.begun);
        assertThat(found).as(at).isEqualTo(after(done));
      }
    }
    System.out.printf(
        "%d kills in %d operations; %d were cut off, of which %d were found undone%n",
        KILLS, next, cutOff, undone);
  }

  /** What the model has after these operations. */
  private static List<Object> after(List<Integer> numbers) {
    MemoryStore model = new MemoryStore();
    try (ControlOperations operations = new ControlOperations(model, SEED)) {
      numbers.forEach(operations::run);
    }
    return ControlOperations.content(model);
  }

  private List<Object> reopened() {
    try (ControlStore store = new SqliteStore(directory, NativeLibrary.DRIVERS_OWN)) {
      return ControlOperations.content(store);
    }
  }

  /** Lets a process do operations from {@code first}, and kills it at some moment. */
  private Said killed(int first, Random random) throws IOException {
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                KilledWriter.class.getName(),
                directory.toString(),
                Long.toString(SEED),
                Integer.toString(first))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String last = "<" + (first + random.nextInt(MOST_OPERATIONS));
    int begun = first - 1;
    int ended = first - 1;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(writer.getInputStream(), StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int number = Integer.parseInt(line.substring(1));
        begun = Math.max(begun, number);
        ended = line.charAt(0) == '>' ? number : ended;
        if (line.equals(last)) {
          LockSupport.parkNanos(random.nextLong(LONGEST_WAIT_NS));
          // By its handle: the process itself would close its output, in which more may lie.
          writer.toHandle().destroyForcibly();
        }
      }
    } finally {
      writer.destroyForcibly();
    }
    assertThat(writer.onExit().join().exitValue()).as("killed by SIGKILL").isEqualTo(128 + 9);
    return new Said(begun, ended);
  }
}
