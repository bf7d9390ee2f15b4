package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.salver.examples.PacedModel.Behaviour;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Canaries of a server under load, with the default limits: decided by themselves, and rightly. */
@Timeout(300)
class CanaryServedTest {
  private static final int CLIENTS = 16;

  /** Far more than what anything else on a busy machine adds to a request. */
  private static final long PAUSE_US = 20_000;

  /** Longer than all steps with all their patience. */
  private static final Duration LIMIT = Duration.ofSeconds(200);

  @TempDir private static Path temporary;
  private static EndpointServer server;

  @BeforeAll
  static void start() throws Exception {
    server =
        new EndpointServer.Setup(temporary)
            .paced("old", new Behaviour(PAUSE_US, 0, 0))
            .paced("slow", new Behaviour(PAUSE_US * 13 / 10, 0, 0))
            .paced("failing", new Behaviour(PAUSE_US, 50, 0))
            .paced("wrong", new Behaviour(PAUSE_US, 0, 1))
            .paced("fine", new Behaviour(PAUSE_US, 0, 0))
            .start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "slow, rolled_back, latency:, 0",
    "failing, rolled_back, errors:, 0",
    "wrong, rolled_back, answers:, 0.05",
    "fine, promoted, errors:, 0"
  })
  void aCanaryIsDecidedByItselfAndNoRequestFails(
      String canary, String outcome, String reason, double maxDifferenceRate) throws Exception {
    String endpoint = "with-" + canary;
    String compared =
        maxDifferenceRate > 0 ? ", \"max_difference_rate\": " + maxDifferenceRate : "";
    server.put(
        endpoint,
        """
        {"type": "canary", "baseline": {"model": "old"}, "canary": {"model": "%s"},
         "steps": [10, 50], "step_seconds": 5%s}
        """
            .formatted(canary, compared));
    // An answer that differs is seen by those that get it, until that has been noticed.
    double tolerance = maxDifferenceRate > 0 ? 1 : 0;
    try (EndpointLoad load = new EndpointLoad(server, endpoint, CLIENTS, tolerance)) {
      Await.until(
          canary + " is decided",
          LIMIT,
          () -> !server.canaryState(endpoint).matches("|running") || !load.problems().isEmpty());
      load.close();
      assertThat(load.problems()).isEmpty();
      assertThat(load.answers()).containsOnlyKeys("old", canary);
    }
    JsonObject decided = server.statistics(endpoint).getAsJsonObject("canary");
    assertThat(decided.get("state").getAsString()).as(decided.toString()).isEqualTo(outcome);
    assertThat(decided.getAsJsonArray("reasons").get(0).getAsString()).startsWith(reason);
    assertThat(server.send("GET", "/v1/activity?limit=1", "").body())
        .contains("canary " + outcome.replace('_', ' '))
        .contains(endpoint);
    String winner = outcome.equals("promoted") ? canary : "old";
    for (int x = 0; x < 50; x++) {
      assertThat(EndpointServer.header(server.predict(endpoint, x), "salver-model"))
          .isEqualTo(winner);
    }
  }

  private static String canary(String model) {
    return """
    {"type": "canary", "baseline": {"model": "old"}, "canary": {"model": "%s"}, "steps": [10, 50]}
    """
        .formatted(model);
  }

  private static void awaitState(String endpoint, String state) throws Exception {
    Await.until(endpoint + " is " + state, () -> server.canaryState(endpoint).equals(state));
  }

  @Test
  void aCanaryThatWasTakenBackStaysSoUntilItIsAskedToBeginAnewOrIsAnotherOne() throws Exception {
    server.put("again", canary("fine"));
    awaitState("again", "running");
    assertThat(act("rollback")).isEqualTo(200);
    server.put("again", canary("fine"));
    assertThat(server.canaryState("again")).isEqualTo("rolled_back");
    assertThat(EndpointServer.header(server.predict("again", 1), "salver-model")).isEqualTo("old");
    assertThat(act("promote")).isEqualTo(409);

    assertThat(act("restart")).isEqualTo(200);
    assertThat(server.canaryState("again")).isEqualTo("running");
    assertThat(act("rollback")).isEqualTo(200);
    server.put("again", canary("slow"));
    awaitState("again", "running");
    assertThat(server.send("GET", "/v1/activity?limit=20", "").body()).contains("\"restart\"");
  }

  private static int act(String action) throws Exception {
    return server.send("POST", "/v1/endpoints/again:" + action, "{}").statusCode();
  }
}
