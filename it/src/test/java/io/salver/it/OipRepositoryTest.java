package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import com.google.protobuf.util.JsonFormat;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.salver.server.oip.proto.DataType;
import io.salver.server.oip.proto.ModelConfig;
import io.salver.server.oip.proto.ModelConfigRequest;
import io.salver.server.oip.proto.ModelRepositoryParameter;
import io.salver.server.oip.proto.RepositoryIndexRequest;
import io.salver.server.oip.proto.RepositoryIndexResponse.ModelIndex;
import io.salver.server.oip.proto.RepositoryModelLoadRequest;
import io.salver.server.oip.proto.RepositoryModelUnloadRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A repository in Triton's layout, whose models are loaded and unloaded by request. */
class OipRepositoryTest {
  private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

  @TempDir static Path temporary;
  private static RunningServer server;

  @BeforeAll
  static void start() throws Exception {
    Path repository = Files.createDirectory(temporary.resolve("models"));
    ModelDirectories.copy(HalfPlusTwoCalls.directory(), repository.resolve("half"));
    Files.writeString(
        repository.resolve("half/config.pbtxt"),
        """
        max_batch_size: 32
        output { name: "y" data_type: TYPE_FP32 label_filename: "labels.txt" }
        """);
    Files.writeString(repository.resolve("half/labels.txt"), "small\nlarge\n");
    try (Stream<Path> files = Files.walk(repository)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.setLastModifiedTime(file, LONG_AGO);
      }
    }
    Path config =
        Files.writeString(
            temporary.resolve("salver.yaml"),
            """
            models:
              - {name: %s, base_path: %s}
            model_repository: {directory: %s, control: explicit, uploads: true}
            lifecycle: {poll: 50ms, quiet_period: 100ms}
            """
                .formatted(HalfPlusTwoCalls.NAME, HalfPlusTwoCalls.directory(), repository));
    server = RunningServer.start("--config=" + config);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static RestClient.Answer control(String model, String action, String body)
      throws Exception {
    return server.rest().post("/v2/repository/models/" + model + "/" + action, body);
  }

  private static void assertOk(RestClient.Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
  }

  private static boolean isReady(String model) throws Exception {
    return server.rest().get("/v2/models/" + model + "/ready").status() == 200;
  }

  private static JsonObject config(String model) throws Exception {
    RestClient.Answer answer = server.rest().get("/v2/models/" + model + "/config");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json().getAsJsonObject();
  }

  private static List<ModelIndex> index(String model, boolean ready) {
    return server
        .grpc()
        .call(OipControlCalls.INDEX, RepositoryIndexRequest.newBuilder().setReady(ready).build())
        .getModelsList()
        .stream()
        .filter(entry -> entry.getName().equals(model))
        .toList();
  }

  private static void assertAnswers(String model) throws Exception {
    RestClient.Answer answer =
        server.rest().post("/v1/models/" + model + ":predict", HalfPlusTwoCalls.json(3));
    assertThat(HalfPlusTwoCalls.problem(3, answer.body())).isEmpty();
  }

  @Test
  void aModelIsLoadedAndUnloadedByRest() throws Exception {
    assertOk(control("half", "load", ""));
    assertAnswers("half");
    assertThat(isReady("half")).isTrue();
    assertOk(control("half", "load", "{\"parameters\":{}}"));
    assertThat(index("half", true).getFirst().getState()).isEqualTo("READY");

    assertOk(control("half", "unload", "{\"parameters\":{\"unload_dependents\":true}}"));
    assertThat(isReady("half")).isFalse();
    assertThat(index("half", true)).isEmpty();
    assertThat(index("half", false)).hasSize(1);
    assertOk(control("half", "unload", ""));
  }

  @Test
  void aConfiguredModelIsLoadedAndUnloadedByGrpc() throws Exception {
    assertAnswers(HalfPlusTwoCalls.NAME);
    var unloaded =
        server
            .grpc()
            .call(
                OipControlCalls.UNLOAD,
                RepositoryModelUnloadRequest.newBuilder()
                    .setModelName(HalfPlusTwoCalls.NAME)
                    .build());
    assertThat(unloaded.getSerializedSize()).isZero();
    Await.until(
        "its version is gone",
        () -> index(HalfPlusTwoCalls.NAME, false).getFirst().getState().equals("UNAVAILABLE"));
    assertThat(index(HalfPlusTwoCalls.NAME, false).getFirst().getReason()).isEqualTo("unloaded");
    var unused =
        server
            .grpc()
            .call(
                OipControlCalls.LOAD,
                RepositoryModelLoadRequest.newBuilder()
                    .setModelName(HalfPlusTwoCalls.NAME)
                    .build());
    assertAnswers(HalfPlusTwoCalls.NAME);
  }

  @Test
  void theIndexIsAListThatLeavesOutWhatIsNotKnown() throws Exception {
    RestClient.Answer answer = server.rest().post("/v2/repository/index", "");
    assertThat(answer.status()).isEqualTo(200);
    JsonArray all = answer.json().getAsJsonArray();
    assertThat(all).extracting(e -> e.getAsJsonObject().get("name").getAsString()).contains("half");
    JsonArray ready =
        server.rest().post("/v2/repository/index", "{\"ready\": true}").json().getAsJsonArray();
    for (JsonElement element : ready) {
      assertThat(element.getAsJsonObject().get("state").getAsString()).isEqualTo("READY");
      assertThat(element.getAsJsonObject().has("reason")).isFalse();
    }
  }

  @Test
  void aModelWithoutAFileHasTheConfigurationThatClientsNeed() throws Exception {
    var unused = control(HalfPlusTwoCalls.NAME, "load", "");
    JsonObject config = config(HalfPlusTwoCalls.NAME);
    assertThat(config.get("name").getAsString()).isEqualTo(HalfPlusTwoCalls.NAME);
    assertThat(config.get("platform").getAsString()).isEqualTo("onnxruntime_onnx");
    assertThat(config.get("backend").getAsString()).isEqualTo("onnxruntime");
    assertThat(config.get("max_batch_size").getAsInt()).isEqualTo(64);
    assertThat(
            config
                .getAsJsonObject("model_transaction_policy")
                .get("decoupled")
                .getAsJsonPrimitive()
                .isBoolean())
        .isTrue();
    assertThat(config.getAsJsonObject("response_cache").get("enable").getAsBoolean()).isFalse();
    assertThat(config.has("dynamic_batching")).isTrue();
    assertThat(config.has("sequence_batching")).isFalse();
    JsonObject input = config.getAsJsonArray("input").get(0).getAsJsonObject();
    assertThat(input.get("name").getAsString()).isEqualTo("x");
    assertThat(input.get("data_type").getAsString()).isEqualTo("TYPE_FP32");
    assertThat(input.getAsJsonArray("dims")).isEmpty();
    assertThat(input.get("optional").getAsBoolean()).isFalse();
    assertThat(config.getAsJsonArray("output")).hasSize(1);
    assertThat(config.getAsJsonArray("instance_group")).hasSize(1);
    assertThat(
            config
                .getAsJsonObject("version_policy")
                .getAsJsonObject("latest")
                .get("num_versions")
                .getAsInt())
        .isEqualTo(1);
  }

  @Test
  void bothProtocolsGiveTheSameConfiguration() throws Exception {
    assertOk(control("half", "load", ""));
    ModelConfig byGrpc =
        server
            .grpc()
            .call(OipControlCalls.CONFIG, ModelConfigRequest.newBuilder().setName("half").build())
            .getConfig();
    assertThat(byGrpc.getMaxBatchSize()).isEqualTo(32);
    assertThat(byGrpc.getInput(0).getDataType()).isEqualTo(DataType.TYPE_FP32);
    assertThat(byGrpc.hasDynamicBatching()).isFalse();
    ModelConfig.Builder byRest = ModelConfig.newBuilder();
    JsonFormat.parser().merge(config("half").toString(), byRest);
    assertThat(byRest.build()).isEqualTo(byGrpc);
  }

  @Test
  void classesHaveTheNamesThatTheConfigurationGivesThem() throws Exception {
    assertOk(control("half", "load", ""));
    String body =
        "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[2],\"data\":[1,5]}],"
            + "\"outputs\":[{\"name\":\"y\",\"parameters\":{\"classification\":2}}]}";
    RestClient.Answer answer = server.rest().post("/v2/models/half/infer", body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).contains("[\"4.500000:1:large\",\"2.500000:0:small\"]");
  }

  @Test
  void aConfigOverrideHoldsUntilTheModelIsLoadedWithoutOne() throws Exception {
    JsonObject parameters = new JsonObject();
    parameters.addProperty("config", "{\"backend\":\"onnxruntime\",\"max_batch_size\":7}");
    JsonObject body = new JsonObject();
    body.add("parameters", parameters);
    assertOk(control("half", "load", body.toString()));
    assertThat(config("half").get("max_batch_size").getAsInt()).isEqualTo(7);
    assertAnswers("half");
    assertOk(control("half", "load", ""));
    assertThat(config("half").get("max_batch_size").getAsInt()).isEqualTo(32);
  }

  @Test
  void filesThatComeWithTheRequestAreServed() throws Exception {
    byte[] model = Files.readAllBytes(HalfPlusTwoCalls.directory().resolve("1/model.onnx"));
    JsonObject parameters = new JsonObject();
    parameters.addProperty("config", "{\"max_batch_size\": 4}");
    parameters.addProperty("file:5/model.onnx", Base64.getEncoder().encodeToString(model));
    JsonObject body = new JsonObject();
    body.add("parameters", parameters);
    assertOk(control("by_rest", "load", body.toString()));
    assertAnswers("by_rest");
    assertThat(index("by_rest", true).getFirst().getVersion()).isEqualTo("5");

    var unused =
        server
            .grpc()
            .call(
                OipControlCalls.LOAD,
                RepositoryModelLoadRequest.newBuilder()
                    .setModelName("by_grpc")
                    .putParameters("config", text("{}"))
                    .putParameters(
                        "file:1/model.onnx",
                        ModelRepositoryParameter.newBuilder()
                            .setBytesParam(ByteString.copyFrom(model))
                            .build())
                    .build());
    assertAnswers("by_grpc");
    assertOk(control("by_rest", "unload", ""));
    assertOk(control("by_grpc", "unload", ""));
  }

  private static ModelRepositoryParameter text(String value) {
    return ModelRepositoryParameter.newBuilder().setStringParam(value).build();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /v2/repository/models/absent/load | | 404 | failed to load 'absent', failed to poll from model repository
          /v2/repository/models/..%2fx/load | | 400 | invalid model name '../x'
          /v2/repository/other/models/half/load | | 501 | specification is not supported
          /v2/repository/models/half/load | { | 400 | JSON
          /v2/repository/models/half/load | [] | 400 | JSON
          /v2/repository/models/half/load | {"parameters": {"config": 1}} | 400 | config: 1 (expected: a string)
          /v2/repository/models/half/load | {"parameters": {"config": "{"}} | 400 | Invalid config override
          /v2/repository/models/half/load | {"parameters": {"unknown": "x"}} | 400 | Unrecognized load parameter 'unknown'
          /v2/repository/models/half/load | {"parameters": {"file:1/model.onnx": "AA=="}} | 400 | without config
          /v2/repository/models/half/load | {"parameters": {"config": "{}", "file:1/m": "%"}} | 400 | file:1/m: not base64
          /v2/repository/models/half/load | {"parameters": {"config": "{}", "file:../1/m": "AA=="}} | 400 | file:../1/m
          /v2/repository/models/half/load | {"parameters": {"config": "{\\"max_batch_size\\": -1}"}} | 400 | max_batch_size: -1 (expected: >= 0)
          /v2/repository/models/half/unload | {"parameters": {"unload_dependents": 1}} | 400 | unload_dependents: 1 (expected: true or false)
          /v2/repository/models/half/unload | {"parameters": {"other": true}} | 400 | Unrecognized unload parameter 'other'
          /v2/repository/index | {"ready": "yes"} | 400 | ready: "yes" (expected: true or false)
          """)
  void badRequestsAreRefusedAndChangeNothing(String path, String body, int status, String message)
      throws Exception {
    RestClient.Answer answer = server.rest().post(path, body == null ? "" : body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.error()).contains(message);
    assertThat(server.rest().get("/healthz").status()).isEqualTo(200);
  }

  @Test
  void badRequestsByGrpcAreRefused() {
    RepositoryModelLoadRequest wrong =
        RepositoryModelLoadRequest.newBuilder()
            .setModelName("half")
            .putParameters("config", ModelRepositoryParameter.getDefaultInstance())
            .build();
    assertThatThrownBy(() -> server.grpc().call(OipControlCalls.LOAD, wrong))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
              assertThat(e.getMessage()).contains("Unrecognized load parameter 'config'");
            });
  }
}
