package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model whose versions are swapped, one after the other, while clients call it without pause.
 * {@code -Dsalver.swaps=N} for another number of swaps.
 */
class VersionSwapTest {
  private static final int SWAPS = Integer.getInteger("salver.swaps", 1000);

  /** The process has grown to its working size by then. */
  private static final int SETTLED_AFTER = SWAPS / 5;

  /**
   * A model's session, kept at each swap, would be some hundred kilobytes: 800 of them far more.
   */
  private static final long LARGEST_GROWTH_KIB = 30 * 1024;

  private static final int LOAD_THREADS = 2;
  private static final long WARMUP_CALLS = 20_000;
  private static final long BASELINE_CALLS = 50_000;

  @TempDir Path temporary;

  private Path base;

  @BeforeEach
  void layOutTheFirstVersion() throws IOException {
    base = Files.createDirectories(temporary.resolve("models"));
    moveIn(1);
  }

  @Test
  void swapsUnderLoadFailNoRequestAndKeepNoMemory() throws Exception {
    try (RunningServer server = RunningServer.start("--config=" + config());
        SwapLoad load = new SwapLoad(server.grpc(), LOAD_THREADS)) {
      Await.until("warm", () -> load.latencies().count() >= WARMUP_CALLS);
      load.restart();
      Await.until("baseline", () -> load.latencies().count() >= BASELINE_CALLS);
      Latencies without = load.restart();
      swapUpTo(SETTLED_AFTER, load);
      long settledKib = server.residentKib();
      load.restart();
      long startNs = System.nanoTime();
      swapUpTo(SWAPS, load);
      Duration time = Duration.ofNanos(System.nanoTime() - startNs);
      Latencies with = load.restart();
      long endKib = server.residentKib();
      report(without, with, time, settledKib, endKib);
      assertThat(load.problems()).isEmpty();
      assertThat(endKib - settledKib).isLessThan(LARGEST_GROWTH_KIB);
    }
  }

  private Path config() throws IOException {
    return Files.writeString(
        temporary.resolve("salver.yaml"),
        """
        models:
          - name: %s
            base_path: %s
        lifecycle:
          poll: 5ms
          quiet_period: 0s
        """
            .formatted(HalfPlusTwoCalls.NAME, base));
  }

  /** Moves versions in and the ones before them out, up to version {@code last} + 1. */
  private void swapUpTo(int last, SwapLoad load) throws Exception {
    for (long version = load.newestVersion() + 1; version <= last + 1; version++) {
      long wanted = version;
      moveIn(wanted);
      Await.until("answers of version " + wanted, () -> load.newestVersion() >= wanted);
      moveOut(wanted - 1);
    }
  }

  private void moveIn(long version) throws IOException {
    Path prepared = temporary.resolve("prepared-" + version);
    ModelDirectories.copy(HalfPlusTwoCalls.directory().resolve("1"), prepared);
    Files.move(prepared, base.resolve(Long.toString(version)), StandardCopyOption.ATOMIC_MOVE);
  }

  private void moveOut(long version) throws IOException {
    Path removed = temporary.resolve("removed-" + version);
    Files.move(base.resolve(Long.toString(version)), removed, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void report(
      Latencies without, Latencies with, Duration time, long settledKib, long endKib)
      throws IOException {
    int swaps = SWAPS - SETTLED_AFTER;
    String text =
        String.format(
            Locale.ROOT,
            """
            %d swaps in %.1f s after %d to settle; resident %d KiB, then %d KiB

            | | calls | p50 us | p99 us | p99.9 us | longest us |
            |---|---|---|---|---|---|
            | no swaps | %s |
            | swaps | %s |

            p99 with swaps to p99 without: %.2f
            """,
            swaps,
            time.toMillis() / 1000.0,
            SETTLED_AFTER,
            settledKib,
            endKib,
            without,
            with,
            (double) with.quantileUs(0.99) / without.quantileUs(0.99));
    System.out.println(text);
    Files.createDirectories(Path.of("target"));
    Files.writeString(Path.of("target/swaps.md"), text);
  }
}
