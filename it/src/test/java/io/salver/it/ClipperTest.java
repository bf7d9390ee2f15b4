package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.salver.examples.PacedModel;
import io.salver.examples.PacedModel.Behaviour;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that speaks to Clipper's clients, set up as docs/how-to/move-from-clipper.md says. */
@Timeout(120)
class ClipperTest {
  private static final int ROUNDS = 150;

  @TempDir private static Path temporary;
  private static DocPage page;
  private static EndpointServer server;

  @BeforeAll
  static void start() throws Exception {
    page = new DocPage("how-to/move-from-clipper.md");
    PacedModel.write(temporary.resolve("models/price/1"), new Behaviour(0, 0, 0.75f));
    PacedModel.write(temporary.resolve("models/price/2"), Behaviour.IDEAL);
    PacedModel.write(temporary.resolve("failing/1"), new Behaviour(0, 20, 0));
    String yaml =
        page.blocks("yaml")
            .getFirst()
            .replace("models/price", temporary.resolve("models/price").toString())
            .replace("state_dir: state", "state_dir: " + temporary.resolve("state"))
            .replace(
                "models:\n",
                "lifecycle: {quiet_period: 0s}\nmodels:\n  - {name: failing, base_path: "
                    + temporary.resolve("failing")
                    + "}\n");
    server = EndpointServer.start(Files.writeString(temporary.resolve("salver.yaml"), yaml));
    String failing = "\"policy\": {\"type\": \"direct\", \"route\": {\"model\": \"failing\"}}}";
    server.putDefinition("bare", "{" + failing);
    server.putDefinition("careful", "{\"default\": {\"y\": -1}, " + failing);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static HttpResponse<String> post(String path, String body) throws Exception {
    return server.send("POST", path, body);
  }

  private static JsonObject json(String text) {
    return JsonParser.parseString(text).getAsJsonObject();
  }

  private static JsonObject predicted(String application, String body) throws Exception {
    HttpResponse<String> answer = post("/" + application + "/predict", body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).contains("application/json");
    return json(answer.body());
  }

  @Test
  void whatThePageSaysIsSo() throws Exception {
    List<String> commands = page.blocks("sh").getFirst().lines().toList();
    assertThat(commands).hasSize(3);
    JsonObject one = json(DocPage.curl(temporary, commands.get(0), server.server()));
    assertThat(one.keySet()).containsExactly("query_id", "output", "default");
    assertThat(one.get("query_id").getAsLong()).isNotNegative();
    assertThat(one.get("output").getAsDouble()).isIn(0.5, 1.25);
    assertThat(one.get("default").getAsBoolean()).isFalse();
    JsonObject batch = json(DocPage.curl(temporary, commands.get(1), server.server()));
    JsonArray predictions = batch.getAsJsonArray("batch_predictions");
    assertThat(predictions).hasSize(2);
    assertThat(predictions.get(1).getAsJsonObject().get("output").getAsDouble()).isIn(0.25, 1.0);
    assertThat(DocPage.curl(temporary, commands.get(2), server.server()))
        .isEqualTo("Feedback received? 1\n");
  }

  @Test
  void updatesTeachTheApplicationWhichModelIsRight() throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      String input = "[" + i / 1000.0 + "]";
      predicted("price-app", "{\"input\": " + input + "}");
      String update = "{\"uid\": 0, \"input\": " + input + ", \"label\": " + i / 1000.0 + "}";
      assertThat(post("/price-app/update", update).body()).isEqualTo("Feedback received? 1\n");
    }
    JsonArray weights =
        server.statistics("price-app").getAsJsonObject("bandit").getAsJsonArray("weights");
    assertThat(weights.get(1).getAsDouble()).isGreaterThan(0.7);
    HttpResponse<String> twice =
        post("/price-app/update", "{\"uid\": 0, \"input\": [0.001], \"label\": 0.001}");
    assertThat(twice.statusCode()).isEqualTo(409);
    HttpResponse<String> never =
        post("/price-app/update", "{\"uid\": 0, \"input\": [77], \"label\": 1}");
    assertThat(never.statusCode()).isEqualTo(404);
    assertThat(never.body()).contains("input: of no prediction of price-app");
  }

  @Test
  void theDefaultSaysThatItIsOneAndWhy() throws Exception {
    JsonObject answer = predicted("careful", "{\"input\": [1]}");
    for (int i = 0; i < 20 && !answer.get("default").getAsBoolean(); i++) {
      assertThat(answer.get("output").getAsDouble()).isEqualTo(1);
      answer = predicted("careful", "{\"input\": [1]}");
    }
    assertThat(answer.get("default").getAsBoolean()).isTrue();
    assertThat(answer.get("output").getAsDouble()).isEqualTo(-1);
    assertThat(answer.get("default_explanation").getAsString()).contains("default");
  }

  @Test
  void whatFailsWithoutADefaultIsAnError() throws Exception {
    HttpResponse<String> answer = post("/bare/predict", "{\"input_batch\": [[1], [2]]}");
    for (int i = 0; i < 20 && answer.statusCode() == 200; i++) {
      answer = post("/bare/predict", "{\"input_batch\": [[1], [2]]}");
    }
    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(json(answer.body()).get("error").getAsString()).isEqualTo("Query processing error");
    assertThat(json(answer.body()).get("cause").getAsString()).contains("as it was told");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/price-app/predict | {                              | 400 | Json error | JSON",
        "/price-app/predict | []                             | 400 | Json error | one object",
        "/price-app/predict | {}                             | 400 | Json error | either input or input_batch",
        "/price-app/predict | {\"input\":1, \"input_batch\":[]} | 400 | Json error | either input or input_batch",
        "/price-app/predict | {\"input_batch\": []}            | 400 | Json error | a list of 1 to 1000",
        "/price-app/predict | {\"input_batch\": 3}             | 400 | Json error | no list",
        "/price-app/predict | {\"input\": null}                | 400 | Json error | input: null",
        "/price-app/predict | {\"input\": [\"a\"]}               | 400 | Query processing error | ''",
        "/nobody/predict    | {\"input\": [1]}                 | 404 | Query processing error | nobody",
        "/price%2Dapp/predict | {\"input\": {\"a\": [1]}}        | 400 | Query processing error | ''"
      })
  void badInputGetsClippersForm(String path, String body, int status, String error, String cause)
      throws Exception {
    HttpResponse<String> answer = post(path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    JsonObject json = json(answer.body());
    assertThat(json.keySet()).containsExactlyInAnyOrder("error", "cause");
    assertThat(json.get("error").getAsString()).isEqualTo(error);
    assertThat(json.get("cause").getAsString()).contains(cause);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{                                                  | Error parsing JSON",
        "{\"input\": [1], \"label\": 1}                         | expected: uid, input and label",
        "{\"uid\": 0, \"input\": [1], \"label\": \"one\"}         | label: \"one\" (expected: a number)",
        "{\"uid\": 0, \"input\": null, \"label\": 1}            | input: null"
      })
  void aBadUpdateGetsWords(String body, String words) throws Exception {
    HttpResponse<String> answer = post("/price-app/update", body);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).startsWith("Error parsing JSON: ").contains(words);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/price-app/predict", "/nobody/predict", "/price-app/update"})
  void whatIsTooLongIsNotRead(String path) throws Exception {
    String body = "{\"input\": [" + "1,".repeat(1 << 19) + "1]}";
    assertThat(post(path, body).statusCode()).isEqualTo(413);
  }

  @Test
  void otherMethodsAndPathsAreNotThere() throws Exception {
    assertThat(server.send("GET", "/price-app/predict", "").statusCode()).isEqualTo(404);
    assertThat(post("/price-app/predict/more", "{}").statusCode()).isEqualTo(404);
    assertThat(post("/price-app/forget", "{}").statusCode()).isEqualTo(404);
  }
}
