package io.salver.server.trace;

import static io.salver.server.trace.TestEvents.MS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SlowLogTest {
  private final List<String> lines = new ArrayList<>();
  private final SlowLog log =
      new SlowLog(
          new RequestEvents.Wishes(
              false, 100 * MS, Map.of("quick", 5 * MS, "any", Long.MAX_VALUE), new TraceSampler(0)),
          lines::add);

  @Test
  void aSlowRequestIsSaidWithItsStages() {
    assertThat(log.accept(TestEvents.answered("eta", 0, 100 * MS))).isTrue();

    assertThat(lines)
        .containsExactly(
            "Slow request: Predict of eta/3, 2 rows, OK after 100.004 ms (decode 0.001 ms, queue"
                + " 0.003 ms, batch 0.000 ms, run 100.000 ms, encode 0.001 ms) from 10.1.2.3:4711"
                + " by REST");
  }

  @Test
  void aModelHasItsOwnThreshold() {
    log.accept(TestEvents.answered("eta", 0, 99 * MS));
    log.accept(TestEvents.answered("quick", 0, 5 * MS));
    log.accept(TestEvents.answered("quick", 0, 4 * MS));
    log.accept(TestEvents.answered("any", 0, 10_000 * MS));
    log.accept(TestEvents.refused("eta", "no"));

    assertThat(lines).hasSize(1).first().asString().contains("quick/3");
  }

  @Test
  void tracesAndPredictionsAreNamed() {
    log.accept(
        TestEvents.traced(TestEvents.answered("eta", 0, 100 * MS), "e", "p-1", TestEvents.TRACE));

    assertThat(lines.getFirst())
        .endsWith("by REST, prediction p-1, trace 4bf92f3577b34da6a3ce929d0e0e4736");
  }

  @Test
  void aFloodIsCountedRatherThanSaid() {
    for (int i = 0; i < SlowLog.MAX_LINES + 7; i++) {
      log.accept(TestEvents.answered("eta", i, 100 * MS));
    }
    assertThat(lines).hasSize(SlowLog.MAX_LINES);

    log.accept(TestEvents.answered("eta", 2_000 * MS, 100 * MS));

    assertThat(lines).hasSize(SlowLog.MAX_LINES + 1);
    assertThat(lines.getLast()).endsWith("; 7 more slow requests were not listed");
  }
}
