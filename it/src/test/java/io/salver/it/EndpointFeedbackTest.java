package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.salver.examples.PacedModel.Behaviour;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Endpoints that learn from what clients say afterwards, on a real server and over a restart. */
@Timeout(180)
class EndpointFeedbackTest {
  private static final int ROUNDS = 200;

  @TempDir Path temporary;

  private EndpointServer.Setup twoModels() throws Exception {
    return new EndpointServer.Setup(temporary)
        .paced("right", new Behaviour(0, 0, 0))
        .paced("wrong", new Behaviour(0, 0, 0.8f));
  }

  private static String routes() {
    return "\"routes\": [{\"model\": \"wrong\"}, {\"model\": \"right\"}]";
  }

  private static double shareOfRight(EndpointServer server, String endpoint) throws Exception {
    JsonArray routes = server.statistics(endpoint).getAsJsonArray("routes");
    return routes.get(1).getAsJsonObject().get("weight").getAsDouble();
  }

  private static String labelled(String id, double label) {
    return "{\"prediction_id\": \"" + id + "\", \"label\": " + label + "}";
  }

  private static String model(HttpResponse<String> answer) {
    return EndpointServer.header(answer, "salver-model");
  }

  @Test
  void exp3GoesToTheBetterModelAndKnowsItAfterARestart() throws Exception {
    EndpointServer.Setup setup = twoModels().line("state_dir: " + temporary.resolve("state"));
    String policy = "{\"type\": \"bandit\", \"algorithm\": \"exp3\", " + routes() + "}";
    List<String> late = new ArrayList<>();
    double before;
    try (EndpointServer server = setup.start()) {
      server.put("e", policy);
      assertThat(shareOfRight(server, "e")).isEqualTo(50);
      for (int i = 0; i < ROUNDS; i++) {
        String id = EndpointServer.header(server.predict("e", 0.5f), "salver-prediction-id");
        if (i % 10 == 0) {
          late.add(id);
        } else {
          server.feedback("e", labelled(id, 0.5));
        }
      }
      before = shareOfRight(server, "e");
      assertThat(before).isGreaterThan(80);
      server.server().process().terminate();
      assertThat(server.server().process().exitCode()).isZero();
    }
    try (EndpointServer server = setup.start()) {
      assertThat(shareOfRight(server, "e")).isEqualTo(before);
      for (String id : late) {
        server.feedback("e", labelled(id, 0.5));
      }
      assertThat(shareOfRight(server, "e")).isNotEqualTo(before).isGreaterThan(80);
      assertThat(feedbackCount(server, "e")).isEqualTo(ROUNDS);
    }
  }

  private static long feedbackCount(EndpointServer server, String endpoint) throws Exception {
    long count = 0;
    for (var route : server.statistics(endpoint).getAsJsonArray("routes")) {
      for (var version : route.getAsJsonObject().getAsJsonArray("feedback")) {
        count += version.getAsJsonObject().get("count").getAsLong();
      }
    }
    return count;
  }

  @Test
  void linUcbLearnsByJoinKeysWhichModelIsForWhichInput() throws Exception {
    try (EndpointServer server = twoModels().start()) {
      server.put(
          "e",
          "{\"type\": \"bandit\", \"algorithm\": \"linucb\", \"features\": [\"x\"], "
              + routes()
              + "}");
      for (int i = 0; i < ROUNDS; i++) {
        float x = i % 2 == 0 ? 1 : -1;
        String key = "order-" + i;
        String chosen = model(server.predict("e", x, "salver-join-key", key));
        int reward = chosen.equals(x > 0 ? "right" : "wrong") ? 1 : 0;
        server.feedback("e", "{\"join_key\": \"" + key + "\", \"reward\": " + reward + "}");
      }
      for (int i = 0; i < 20; i++) {
        assertThat(model(server.predict("e", 1))).isEqualTo("right");
        assertThat(model(server.predict("e", -1))).isEqualTo("wrong");
      }
      HttpResponse<String> unknown =
          server.send(
              "POST", "/v1/endpoints/e:feedback", "{\"join_key\": \"never\", \"reward\": 1}");
      assertThat(unknown.statusCode()).isEqualTo(404);
    }
  }

  @Test
  void anAbTestSaysWhichIsBetterAndHowSureThatIs() throws Exception {
    try (EndpointServer server = twoModels().start()) {
      server.put("e", "{\"type\": \"ab\", " + routes() + "}");
      // At least a hundred for each, and most likely more.
      for (int i = 0; i < 2 * ROUNDS; i++) {
        String id = EndpointServer.header(server.predict("e", 0.5f), "salver-prediction-id");
        server.feedback("e", labelled(id, i % 4 == 0 ? 0.9 : 0.5));
      }
      JsonObject ab = server.statistics("e").getAsJsonObject("ab");
      assertThat(ab.get("best").getAsString()).isEqualTo("right");
      JsonObject pair = ab.getAsJsonArray("pairs").get(0).getAsJsonObject();
      assertThat(pair.get("first").getAsString()).isEqualTo("wrong");
      assertThat(pair.get("lower").getAsDouble()).isPositive();
      assertThat(pair.get("p_value").getAsDouble()).isLessThan(0.05);
    }
  }

  @Test
  void aShadowThatStallsIsNotWaitedFor() throws Exception {
    EndpointServer.Setup setup = twoModels().heavy("stalled", 2048, 1500);
    try (EndpointServer server = setup.start()) {
      server.put(
          "e",
          "{\"type\": \"shadow\", \"route\": {\"model\": \"right\"},"
              + " \"shadows\": [{\"model\": \"stalled\"}]}");
      try (EndpointLoad load = new EndpointLoad(server, "e", 4, 0)) {
        Await.until(
            "more requests than shadows are kept for",
            () -> dropped(server) > 0 || !load.problems().isEmpty());
        load.close();
        assertThat(load.problems()).isEmpty();
        assertThat(load.answers()).containsOnlyKeys("right");
      }
      JsonArray routes = server.statistics("e").getAsJsonArray("routes");
      assertThat(requests(routes, 0)).isGreaterThan(requests(routes, 1) + 256);
    }
  }

  private static long dropped(EndpointServer server) throws Exception {
    return server.statistics("e").get("dropped_copies").getAsLong();
  }

  private static long requests(JsonArray routes, int route) {
    return routes.get(route).getAsJsonObject().get("requests").getAsLong();
  }
}
