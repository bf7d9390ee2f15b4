package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Triton's own example models, and those whose configuration does not fit them, side by side. */
class TritonModelsTest {
  /** Why each of Triton's bad configurations is refused, in place of its {@code expected} file. */
  private static final Map<String, String> REFUSALS =
      Map.of(
          "bad_input_dims",
          "input \"INPUT0\": dims: [16, 1], with the batch dimension [-1, 16, 1] (expected: the"
              + " model's shape [-1,16])",
          "bad_max_batch_size",
          "max_batch_size: 1 (expected: 0, as the model's input \"INPUT0\" has the shape [16],"
              + " without a batch dimension)",
          "too_few_inputs",
          "input: 1 declared, without \"INPUT0\" (expected: none, or the model's 2: [INPUT0,"
              + " INPUT1])",
          "unknown_input",
          "input: \"INPUT_UNKNOWN\" (expected: one of the model's: [INPUT0, INPUT1])",
          "simple_sequence",
          "sequence_batching: set (expected: none, it is not supported)",
          "simple_dyna_sequence",
          "sequence_batching: set (expected: none, it is not supported)");

  @TempDir static Path temporary;
  private static RunningServer server;

  @BeforeAll
  static void start() throws Exception {
    Path onnx = TestData.required().resolve("B_onnx");
    Path repository = Files.createDirectory(temporary.resolve("models"));
    for (String directory : new String[] {"triton_model_repository", "triton_bad_configs_a"}) {
      try (Stream<Path> models = Files.list(onnx.resolve(directory))) {
        for (Path model : (Iterable<Path>) models::iterator) {
          ModelDirectories.copy(model, repository.resolve(model.getFileName()));
        }
      }
    }
    server =
        RunningServer.start(
            "--model-repository=" + repository,
            "--max_num_load_retries=0",
            "--load_retry_interval_micros=1000000");
    Await.until("every model is loaded or refused", TritonModelsTest::isSettled);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  /** The files have just been copied, and are waited for. */
  private static boolean isSettled() throws Exception {
    for (var entry : server.rest().post("/v2/repository/index", "").json().getAsJsonArray()) {
      if (entry.getAsJsonObject().get("state").getAsString().equals("LOADING")) {
        return false;
      }
    }
    return true;
  }

  private static JsonObject indexed(String model) throws Exception {
    for (var entry : server.rest().post("/v2/repository/index", "").json().getAsJsonArray()) {
      if (entry.getAsJsonObject().get("name").getAsString().equals(model)) {
        return entry.getAsJsonObject();
      }
    }
    throw new AssertionError("not in the index: " + model);
  }

  @TestFactory
  Stream<DynamicTest> whatDoesNotFitItsConfigurationIsRefusedWithFieldValueAndExpectation() {
    return REFUSALS.entrySet().stream()
        .map(refusal ->
            dynamicTest(
                refusal.getKey(),
                () -> {
                  JsonObject entry = indexed(refusal.getKey());
                  assertThat(entry.get("state").getAsString()).isEqualTo("UNAVAILABLE");
                  assertThat(entry.get("reason").getAsString())
                      .contains("config.pbtxt: " + refusal.getValue());
                  assertThat(
                          server.rest().get("/v2/models/" + refusal.getKey() + "/ready").status())
                      .isEqualTo(400);
                }));
  }

  @TestFactory
  Stream<DynamicTest> whatFitsIsServedAndAnswers() {
    return Stream.of("simple", "simple_int8", "simple_string")
        .map(name ->
            dynamicTest(
                name,
                () -> {
                  assertThat(indexed(name).get("state").getAsString()).isEqualTo("READY");
                  boolean strings = name.equals("simple_string");
                  String row = row(2, strings);
                  String body =
                      "{\"instances\": [{\"INPUT0\": " + row + ", \"INPUT1\": " + row + "}]}";
                  RestClient.Answer answer =
                      server.rest().post("/v1/models/" + name + ":predict", body);
                  assertThat(answer.status()).as(answer.body()).isEqualTo(200);
                  JsonObject prediction =
                      answer
                          .json()
                          .getAsJsonObject()
                          .getAsJsonArray("predictions")
                          .get(0)
                          .getAsJsonObject();
                  assertThat(prediction.get("OUTPUT0").toString()).isEqualTo(row(4, strings));
                  assertThat(prediction.get("OUTPUT1").toString()).isEqualTo(row(0, strings));
                }));
  }

  private static String row(int value, boolean strings) {
    JsonArray row = new JsonArray();
    for (int i = 0; i < 16; i++) {
      if (strings) {
        row.add(Integer.toString(value));
      } else {
        row.add(value);
      }
    }
    return row.toString();
  }

  @Test
  void whatIsNotControlledByRequestIsNeitherLoadedNorUnloaded() throws Exception {
    for (String action : new String[] {"load", "unload"}) {
      RestClient.Answer answer = server.rest().post("/v2/repository/models/simple/" + action, "");
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.error())
          .isEqualTo("explicit model load / unload is not allowed if polling is enabled");
    }
    assertThat(server.rest().get("/v2/models/simple/ready").status()).isEqualTo(200);
  }

  @Test
  void theConfigurationIsWhatTheFileSaysWithTheRestFilledIn() throws Exception {
    JsonObject config = server.rest().get("/v2/models/simple/config").json().getAsJsonObject();
    assertThat(config.get("max_batch_size").getAsInt()).isEqualTo(8);
    assertThat(config.has("dynamic_batching")).isFalse();
    assertThat(config.getAsJsonArray("input")).hasSize(2);
    assertThat(config.getAsJsonArray("input").get(0).getAsJsonObject().get("dims").toString())
        .isEqualTo("[16]");
  }
}
