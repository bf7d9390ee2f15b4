package io.salver.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.gate.CanarySimulation.Result;
import io.salver.gate.CanarySimulation.Scenario;
import io.salver.gate.CanaryState.Phase;
import io.salver.model.VersionSelector;
import io.salver.routing.Policy;
import io.salver.routing.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/**
 * A hundred canaries of each kind; what came of them lies in {@code target/canary-simulation.md}.
 */
class CanarySimulationTest {
  private static final int RUNS = 100;
  private static final Path TABLE = Path.of("target", "canary-simulation.md");

  private static final List<Scenario> TO_ROLL_BACK =
      List.of(
          new Scenario("30 % slower", 1.3, 0.001, 0.001, 0.001),
          new Scenario("errs at 2 %", 1, 0.02, 0.001, 0.001),
          new Scenario("5 % of answers differ", 1, 0.001, 0.001, 0.05));
  private static final List<Scenario> TO_PROMOTE =
      List.of(
          new Scenario("fine", 1, 0.001, 0.001, 0.001),
          new Scenario("fine, both err at 1 %", 1, 0.01, 0.01, 0.001),
          new Scenario("fine, 5 % slower", 1.05, 0.001, 0.001, 0.001));
  private static final double[] REQUESTS_PER_SECOND = {50, 200, 1_000};

  @Test
  void theBadOnesAreTakenBackAndTheGoodOnesTakeOver() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| canary | requests/s | rolled back | promoted | paused | requests until the end (median,"
            + " largest) | the canary's requests (median, largest) | of them failed (median,"
            + " largest) | minutes (median, largest) |");
    lines.add("|---|---|---|---|---|---|---|---|---|");
    List<String> wrong = new ArrayList<>();
    for (double rate : REQUESTS_PER_SECOND) {
      for (Scenario scenario : TO_ROLL_BACK) {
        lines.add(line(scenario, rate, Phase.ROLLED_BACK, wrong));
      }
      for (Scenario scenario : TO_PROMOTE) {
        lines.add(line(scenario, rate, Phase.PROMOTED, wrong));
      }
    }
    Files.createDirectories(TABLE.getParent());
    Files.write(TABLE, lines);
    assertThat(wrong).as("see %s", TABLE.toAbsolutePath()).isEmpty();
  }

  private static String line(Scenario scenario, double rate, Phase expected, List<String> wrong) {
    List<Result> results = new ArrayList<>();
    for (long seed = 0; seed < RUNS; seed++) {
      results.add(new CanarySimulation(plan(), scenario, rate, seed).run());
    }
    long right = count(results, expected);
    long paused = count(results, Phase.PAUSED);
    // With little traffic some wait for somebody to decide; none is decided wrongly.
    boolean allowed = right >= 99 || (rate < 100 && right >= 90 && right + paused >= 99);
    if (!allowed) {
      wrong.add(scenario.name() + " at " + rate + "/s: " + right + " of " + RUNS);
    }
    return String.format(
        Locale.ROOT,
        "| %s | %.0f | %d | %d | %d | %s | %s | %s | %s |",
        scenario.name(),
        rate,
        count(results, Phase.ROLLED_BACK),
        count(results, Phase.PROMOTED),
        count(results, Phase.PAUSED),
        middleAndLargest(results, Result::requests),
        middleAndLargest(results, Result::canaryRequests),
        middleAndLargest(results, Result::canaryFailures),
        middleAndLargest(results, result -> result.lasted().toMinutes()));
  }

  private static long count(List<Result> results, Phase phase) {
    return results.stream().filter(result -> result.state().phase() == phase).count();
  }

  private static String middleAndLargest(List<Result> results, ToLongFunction<Result> number) {
    long[] sorted = results.stream().mapToLong(number).sorted().toArray();
    return String.format(
        Locale.ROOT, "%,d, %,d", sorted[sorted.length / 2], sorted[sorted.length - 1]);
  }

  private static CanaryPlan plan() {
    return CanaryPlan.of(
        new Policy.Canary(
            new Route("old", new VersionSelector.Latest()),
            new Route("new", new VersionSelector.Latest()),
            List.of(1.0, 5.0, 25.0, 50.0),
            Duration.ofSeconds(60),
            new Policy.CanaryLimits(0.01, 0.2, Optional.of(0.01))));
  }
}
