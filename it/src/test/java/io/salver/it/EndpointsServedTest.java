package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.salver.examples.HeavyModel;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
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

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final StringBuilder models =
      new StringBuilder("lifecycle: {quiet_period: 0s}\nmodels:\n");

  private void model(String name, int width, int length) throws Exception {
    Path version = Files.createDirectories(temporary.resolve(name + "/1"));
    Files.write(version.resolve("model.onnx"), HeavyModel.toOnnx(width, length));
    models.append("  - {name: " + name + ", base_path: " + temporary.resolve(name) + "}\n");
  }

  private RunningServer start() throws Exception {
    Path config = Files.writeString(temporary.resolve("salver.yaml"), models);
    return RunningServer.start("--config=" + config);
  }

  private HttpResponse<String> send(
      RunningServer server, String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.restPort() + path))
            .header("content-type", "application/json")
            .method(method, BodyPublishers.ofString(body));
    return client.send(
        headers.length == 0 ? request.build() : request.headers(headers).build(),
        BodyHandlers.ofString());
  }

  private JsonObject put(RunningServer server, String endpoint, String definition)
      throws Exception {
    HttpResponse<String> answer = send(server, "PUT", "/v1/endpoints/" + endpoint, definition);
    assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
    return JsonParser.parseString(answer.body()).getAsJsonObject();
  }

  private JsonObject statistics(RunningServer server, String endpoint) throws Exception {
    String path = "/v1/endpoints/" + endpoint + "/statistics";
    return JsonParser.parseString(send(server, "GET", path, "").body()).getAsJsonObject();
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  @Test
  void anAnswerSaysWhoGaveItAndFeedbackFindsItEvenAfterARestart() throws Exception {
    model("old", 4, 1);
    model("new", 4, 2);
    models.append("state_dir: ").append(temporary.resolve("state")).append('\n');
    String id;
    try (RunningServer server = start()) {
      put(
          server,
          "e",
          """
          {"name": "e", "policy": {"type": "split",
            "routes": [{"model": "old", "weight": 50}, {"model": "new", "weight": 50}]}}
          """);
      HttpResponse<String> answer =
          send(server, "POST", "/v1/models/e:predict", BODY, "salver-join-key", "order-7");
      assertThat(answer.body().replaceAll("\\s", "")).isEqualTo("{\"predictions\":[1.0]}");
      assertThat(header(answer, "salver-model")).isIn("old", "new");
      assertThat(header(answer, "salver-version")).isEqualTo("1");
      id = header(answer, "salver-prediction-id");
      assertThat(send(server, "POST", "/v1/endpoints/e:predict", BODY).statusCode()).isEqualTo(200);

      String made = "{\"prediction_id\": \"" + id.replace(id.charAt(9), 'x') + "y\", \"label\": 1}";
      assertThat(send(server, "POST", "/v1/endpoints/e:feedback", made).statusCode())
          .isEqualTo(404);
      String none = "{\"prediction_id\": \"" + id + "\"}";
      assertThat(send(server, "POST", "/v1/endpoints/e:feedback", none).body())
          .contains("expected: label, reward or both");
      String large = "{\"prediction_id\": \"" + id + "\", \"reward\": 7}";
      assertThat(send(server, "POST", "/v1/endpoints/e:feedback", large).body())
          .contains("reward: 7.0 (expected: from 0 to 1)");
    }
    try (RunningServer server = start()) {
      String right = "{\"prediction_id\": \"" + id + "\", \"label\": 1}";
      HttpResponse<String> taken = send(server, "POST", "/v1/endpoints/e:feedback", right);
      assertThat(taken.statusCode()).as(taken.body()).isBetween(200, 204);
      assertThat(send(server, "POST", "/v1/endpoints/e:feedback", right).statusCode())
          .isEqualTo(409);
      JsonArray routes = statistics(server, "e").getAsJsonArray("routes");
      assertThat(routes.toString()).contains("\"mean_absolute_error\":0.0");
    }
  }

  @Test
  void weightsThatAreWrongAndModelsThatAreNotThereAreRefused() throws Exception {
    model("m", 4, 1);
    try (RunningServer server = start()) {
      HttpResponse<String> ninety =
          send(
              server,
              "PUT",
              "/v1/endpoints/e",
              "{\"name\":\"e\",\"policy\":{\"type\":\"split\",\"routes\":[{\"model\":\"m\",\"weight\":90}]}}");
      assertThat(ninety.statusCode()).isEqualTo(400);
      assertThat(ninety.body()).contains("90.0 together (expected: 100)");
      HttpResponse<String> unknown =
          send(
              server,
              "PUT",
              "/v1/endpoints/e",
              "{\"name\":\"e\",\"policy\":{\"type\":\"direct\",\"route\":{\"model\":\"nope\"}}}");
      assertThat(unknown.statusCode()).isEqualTo(400);
      assertThat(unknown.body()).contains("nope");
      assertThat(send(server, "POST", "/v1/models/e:predict", BODY).statusCode()).isEqualTo(404);
      assertThat(send(server, "POST", "/v1/models/m:predict", BODY).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void anEnsembleAnswersAtItsObjectiveWithoutTheMemberThatStalls() throws Exception {
    for (int i = 1; i < MEMBERS; i++) {
      model("m" + i, 4, 1);
    }
    model("stalled", 2048, 1500);
    StringBuilder members = new StringBuilder("{\"model\": \"stalled\"}");
    for (int i = 1; i < MEMBERS; i++) {
      members.append(", {\"model\": \"m").append(i).append("\"}");
    }
    String policy =
        "\"policy\": {\"type\": \"ensemble\", \"combine\": \"mean\", \"routes\": ["
            + members
            + "]}";
    try (RunningServer server = start()) {
      put(
          server,
          "timely",
          "{\"name\": \"timely\", \"objective_ms\": " + OBJECTIVE_MS + ", " + policy + "}");
      put(server, "patient", "{\"name\": \"patient\", " + policy + "}");
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

  private double[] latenciesMs(RunningServer server, String endpoint, int requests)
      throws Exception {
    double[] latencies = new double[requests];
    for (int i = 0; i < requests; i++) {
      long startNs = System.nanoTime();
      HttpResponse<String> answer =
          send(server, "POST", "/v1/models/" + endpoint + ":predict", BODY);
      latencies[i] = (System.nanoTime() - startNs) / 1e6;
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(header(answer, "salver-confidence")).isEqualTo("1.0");
    }
    Arrays.sort(latencies);
    return latencies;
  }

  private static double quantile(double[] sorted, double q) {
    return sorted[(int) Math.ceil(q * sorted.length) - 1];
  }

  @Test
  void aCanaryWhoseAnswersDifferIsTakenBackByItself() throws Exception {
    model("old", 4, 1);
    models.append("  - {name: new, base_path: ").append(HalfPlusTwoCalls.directory()).append("}\n");
    try (RunningServer server = start()) {
      put(
          server,
          "e",
          """
          {"name": "e", "policy": {"type": "canary", "baseline": {"model": "old"},
            "canary": {"model": "new"}, "steps": [50], "step_seconds": 5,
            "max_error_rate_increase": 0.01, "max_latency_increase": 3,
            "max_difference_rate": 0.05}}
          """);
      String state = "";
      for (int i = 0; i < 20_000 && !state.equals("rolled_back"); i++) {
        assertThat(send(server, "POST", "/v1/models/e:predict", BODY).statusCode()).isEqualTo(200);
        if (i % 200 == 199) {
          JsonObject canary = statistics(server, "e").getAsJsonObject("canary");
          state = canary == null ? "" : canary.get("state").getAsString();
        }
      }
      assertThat(state).isEqualTo("rolled_back");
      for (int i = 0; i < 100; i++) {
        HttpResponse<String> answer = send(server, "POST", "/v1/models/e:predict", BODY);
        assertThat(header(answer, "salver-model")).isEqualTo("old");
      }
      assertThat(send(server, "GET", "/v1/activity?limit=5", "").body())
          .contains("canary rolled back")
          .contains("answers:");
    }
  }
}
