package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Endpoints of a server as clients see them. */
@Timeout(180)
class EndpointsServedTest {
  private static final int MEMBERS = 16;
  private static final int OBJECTIVE_MS = 60;
  private static final int REQUESTS = 100;
  private static final String BODY = "{\"instances\": [1.0]}";

  @TempDir Path temporary;

  private EndpointServer.Setup setup;

  @BeforeEach
  void noModelsYet() {
    setup = new EndpointServer.Setup(temporary);
  }

  @Test
  void anAnswerSaysWhoGaveItAndFeedbackFindsItEvenAfterARestart() throws Exception {
    setup.heavy("old", 4, 1).heavy("new", 4, 2).line("state_dir: " + temporary.resolve("state"));
    String id;
    try (EndpointServer server = setup.start()) {
      server.putDefinition(
          "e",
          """
          {"name": "e", "policy": {"type": "split",
            "routes": [{"model": "old", "weight": 50}, {"model": "new", "weight": 50}]}}
          """);
      HttpResponse<String> answer =
          server.send("POST", "/v1/models/e:predict", BODY, "salver-join-key", "order-7");
      assertThat(answer.body().replaceAll("\\s", "")).isEqualTo("{\"predictions\":[1.0]}");
      assertThat(EndpointServer.header(answer, "salver-model")).isIn("old", "new");
      assertThat(EndpointServer.header(answer, "salver-version")).isEqualTo("1");
      id = EndpointServer.header(answer, "salver-prediction-id");
      assertThat(server.send("POST", "/v1/endpoints/e:predict", BODY).statusCode()).isEqualTo(200);

      String made = "{\"prediction_id\": \"" + id.replace(id.charAt(9), 'x') + "y\", \"label\": 1}";
      assertThat(server.send("POST", "/v1/endpoints/e:feedback", made).statusCode()).isEqualTo(404);
      String none = "{\"prediction_id\": \"" + id + "\"}";
      assertThat(server.send("POST", "/v1/endpoints/e:feedback", none).body())
          .contains("expected: label, reward or both");
      String large = "{\"prediction_id\": \"" + id + "\", \"reward\": 7}";
      assertThat(server.send("POST", "/v1/endpoints/e:feedback", large).body())
          .contains("reward: 7.0 (expected: from 0 to 1)");
    }
    try (EndpointServer server = setup.start()) {
      String right = "{\"prediction_id\": \"" + id + "\", \"label\": 1}";
      HttpResponse<String> taken = server.send("POST", "/v1/endpoints/e:feedback", right);
      assertThat(taken.statusCode()).as(taken.body()).isBetween(200, 204);
      assertThat(server.send("POST", "/v1/endpoints/e:feedback", right).statusCode())
          .isEqualTo(409);
      JsonArray routes = server.statistics("e").getAsJsonArray("routes");
      assertThat(routes.toString()).contains("\"mean_absolute_error\":0.0");
    }
  }

  @Test
  void weightsThatAreWrongAndModelsThatAreNotThereAreRefused() throws Exception {
    setup.heavy("m", 4, 1);
    try (EndpointServer server = setup.start()) {
      HttpResponse<String> ninety =
          server.send(
              "PUT",
              "/v1/endpoints/e",
              "{\"name\":\"e\",\"policy\":{\"type\":\"split\",\"routes\":[{\"model\":\"m\",\"weight\":90}]}}");
      assertThat(ninety.statusCode()).isEqualTo(400);
      assertThat(ninety.body()).contains("90.0 together (expected: 100)");
      HttpResponse<String> unknown =
          server.send(
              "PUT",
              "/v1/endpoints/e",
              "{\"name\":\"e\",\"policy\":{\"type\":\"direct\",\"route\":{\"model\":\"nope\"}}}");
      assertThat(unknown.statusCode()).isEqualTo(400);
      assertThat(unknown.body()).contains("nope");
      assertThat(server.send("POST", "/v1/models/e:predict", BODY).statusCode()).isEqualTo(404);
      assertThat(server.send("POST", "/v1/models/m:predict", BODY).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void anEnsembleAnswersAtItsObjectiveWithoutTheMemberThatStalls() throws Exception {
    for (int i = 1; i < MEMBERS; i++) {
      setup.heavy("m" + i, 4, 1);
    }
    setup.heavy("stalled", 2048, 1500);
    StringBuilder members = new StringBuilder("{\"model\": \"stalled\"}");
    for (int i = 1; i < MEMBERS; i++) {
      members.append(", {\"model\": \"m").append(i).append("\"}");
    }
    String policy =
        "\"policy\": {\"type\": \"ensemble\", \"combine\": \"mean\", \"routes\": ["
            + members
            + "]}";
    try (EndpointServer server = setup.start()) {
      server.putDefinition(
          "timely",
          "{\"name\": \"timely\", \"objective_ms\": " + OBJECTIVE_MS + ", " + policy + "}");
      server.putDefinition("patient", "{\"name\": \"patient\", " + policy + "}");
      double[] timely = latenciesMs(server, "timely", REQUESTS);
      double[] patient = latenciesMs(server, "patient", 10);
      String report =
          String.format(
              Locale.ROOT,
              "%d members, one stalled; objective %d ms%nwith it: p50 %.1f ms, p99 %.1f ms (%d"
                  + " requests)%nwithout: p50 %.1f ms, most %.1f ms (%d requests)%n",
              MEMBERS,
              OBJECTIVE_MS,
              quantile(timely, 0.5),
              quantile(timely, 0.99),
              timely.length,
              quantile(patient, 0.5),
              quantile(patient, 1),
              patient.length);
      System.out.print(report);
      Files.writeString(Path.of("target/straggler.txt"), report);
      assertThat(quantile(timely, 0.99)).isLessThan(quantile(patient, 0.5));
    }
  }

  private double[] latenciesMs(EndpointServer server, String endpoint, int requests)
      throws Exception {
    double[] latencies = new double[requests];
    for (int i = 0; i < requests; i++) {
      long startNs = System.nanoTime();
      HttpResponse<String> answer =
          server.send("POST", "/v1/models/" + endpoint + ":predict", BODY);
      latencies[i] = (System.nanoTime() - startNs) / 1e6;
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(EndpointServer.header(answer, "salver-confidence")).isEqualTo("1.0");
    }
    Arrays.sort(latencies);
    return latencies;
  }

  private static double quantile(double[] sorted, double q) {
    return sorted[(int) Math.ceil(q * sorted.length) - 1];
  }
}
