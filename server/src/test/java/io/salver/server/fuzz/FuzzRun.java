package io.salver.server.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs every fuzz test with the fuzzer, each in a virtual machine of its own, as the fuzzer does
 * one in a run. The same seed, number of inputs and limits every time, so that a build does not
 * fail by chance; or for as many seconds as {@code fuzz.seconds} says, to look further.
 *
 * <p>What is found is in {@code target/fuzz}, an input of it as a file of its own, to become a case
 * of an ordinary test.
 */
@Execution(ExecutionMode.CONCURRENT)
class FuzzRun {
  private static final long SECONDS = Long.getLong("salver.fuzz.seconds", 0);
  private static final int RUNS = 100_000;
  private static final long MAX_RUN_SECONDS = 120;
  private static final long MAX_START_SECONDS = 120;

  /** The code that a run reaches at the very least, if it was instrumented. */
  private static final int MIN_COVERAGE = 50;

  private static final Pattern COVERAGE = Pattern.compile("DONE +cov: (\\d+)");

  static Stream<String> fuzzTests() throws IOException {
    Path classes = Path.of("target", "test-classes");
    try (Stream<Path> files = Files.walk(classes)) {
      return files
          .map(file -> classes.relativize(file).toString())
          .filter(name -> name.endsWith("FuzzTest.class"))
          .map(name -> name.replace(".class", "").replace('/', '.'))
          .sorted()
          .toList()
          .stream();
    }
  }

  @Test
  void allFuzzTestsAreFound() throws IOException {
    assertThat(fuzzTests()).hasSizeGreaterThanOrEqualTo(10);
  }

  @ParameterizedTest
  @MethodSource("fuzzTests")
  void nothingIsFound(String fuzzTest) throws IOException, InterruptedException {
    Path directory = Files.createDirectories(Path.of("target", "fuzz", fuzzTest));
    Path log = directory.resolve("log.txt");
    Process fuzzer =
        new ProcessBuilder(command(fuzzTest))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(
              fuzzer.waitFor(
                  Math.max(SECONDS, MAX_RUN_SECONDS) + MAX_START_SECONDS, TimeUnit.SECONDS))
          .as("%s ends, see %s", fuzzTest, log)
          .isTrue();
    } finally {
      fuzzer.destroyForcibly();
    }
    assertThat(fuzzer.exitValue()).as("exit of %s, see %s", fuzzTest, log).isZero();
    assertThat(coverage(log)).as("coverage, see %s", log).isGreaterThan(MIN_COVERAGE);
  }

  private static int coverage(Path log) throws IOException {
    return COVERAGE
        .matcher(Files.readString(log))
        .results()
        .mapToInt(match -> Integer.parseInt(match.group(1)))
        .max()
        .orElse(0);
  }

  private static List<String> command(String fuzzTest) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    String jvmArgs = System.getProperty("salver.fuzz.jvm_args", "");
    command.addAll(jvmArgs.isBlank() ? List.of() : List.of(jvmArgs.strip().split(" +")));
    command.addAll(
        List.of(
            "-Xmx512m",
            "-XX:+EnableDynamicAgentLoading",
            "-cp",
            Objects.requireNonNull(System.getProperty("java.class.path")),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + fuzzTest,
            "--instrumentation_includes=io.salver.**",
            "--instrumentation_excludes=io.salver.server.tfserving.proto.**"
                + ":io.salver.server.oip.proto.**",
            "-seed=20261127",
            "-max_len=4096",
            "-rss_limit_mb=2048",
            "-timeout=10",
            SECONDS > 0 ? "-max_total_time=" + SECONDS : "-runs=" + RUNS));
    return command;
  }
}
