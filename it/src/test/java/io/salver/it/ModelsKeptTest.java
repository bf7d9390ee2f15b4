package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.salver.examples.HeavyModel;
import io.salver.server.tfserving.proto.ModelConfig;
import io.salver.server.tfserving.proto.ModelConfigList;
import io.salver.server.tfserving.proto.ModelServerConfig;
import io.salver.server.tfserving.proto.ReloadConfigRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of models by request outlives a server that is killed, and is in the audit log. */
@Timeout(180)
class ModelsKeptTest {
  private static final String CONTROL = "/v1/control/models/";

  @TempDir Path temporary;

  @BeforeEach
  void writeModels() throws IOException {
    for (String version : List.of("a/1", "a/2", "b/1")) {
      Path directory = Files.createDirectories(temporary.resolve(version));
      Files.write(directory.resolve("model.onnx"), HeavyModel.toOnnx(4, 1));
    }
  }

  /** Closing it kills it. */
  private RunningServer start(String labelsOfA) throws Exception {
    Path config =
        Files.writeString(
            temporary.resolve("salver.yaml"),
            """
            state_dir: %s
            lifecycle: {quiet_period: 0s}
            model_repository: {control: explicit}
            models:
              - {name: a, base_path: %s, labels: {%s}}
              - {name: b, base_path: %s}
            """
                .formatted(
                    temporary.resolve("state"),
                    temporary.resolve("a"),
                    labelsOfA,
                    temporary.resolve("b")));
    return RunningServer.start("--config=" + config);
  }

  private static int post(RunningServer server, String path, String body) throws Exception {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return server.rest().post(path, bytes, "content-type", "application/json").status();
  }

  private static JsonObject model(RunningServer server, String name) throws Exception {
    return server.rest().get(CONTROL + name).json().getAsJsonObject();
  }

  private static String state(RunningServer server, String name) throws Exception {
    JsonObject version = model(server, name).getAsJsonArray("versions").get(0).getAsJsonObject();
    return version.get("version") + " " + version.get("state").getAsString();
  }

  /** As {@code rollback model/a done}, newest first. */
  private static List<String> activity(RunningServer server) throws Exception {
    List<String> entries = new ArrayList<>();
    for (JsonElement each :
        server.rest().get("/v1/activity").json().getAsJsonObject().getAsJsonArray("entries")) {
      JsonObject entry = each.getAsJsonObject();
      assertThat(entry.get("actor").getAsString()).isNotEmpty();
      entries.add(
          entry.get("action").getAsString()
              + " "
              + entry.get("target").getAsString()
              + " "
              + entry.get("outcome").getAsString());
    }
    return entries;
  }

  @Test
  void aKilledServerComesBackAsItWasUntilTheConfigurationSaysOtherwise() throws Exception {
    try (RunningServer server = start("")) {
      assertThat(state(server, "a")).isEqualTo("2 AVAILABLE");
      assertThat(post(server, CONTROL + "a:rollback", "{\"version\": 7}")).isEqualTo(404);
      assertThat(post(server, CONTROL + "a:rollback", "{\"version\": 1}")).isEqualTo(200);
      assertThat(post(server, CONTROL + "b:unload", "")).isEqualTo(200);
    }
    try (RunningServer server = start("")) {
      assertThat(state(server, "a")).isEqualTo("1 AVAILABLE");
      assertThat(model(server, "a").get("by_request")).hasToString("{\"version\":1}");
      assertThat(state(server, "b")).isEqualTo("1 NOT_LOADED");
      assertThat(post(server, "/v1/models/b:predict", "{\"instances\": [1]}")).isEqualTo(404);
      assertThat(activity(server))
          .hasSize(3)
          .startsWith("unload model/b done", "rollback model/a done")
          .last()
          .asString()
          .startsWith("rollback model/a refused: model a: version 7");
    }
    try (RunningServer server = start("new: 2")) {
      assertThat(state(server, "a")).isEqualTo("2 AVAILABLE");
      assertThat(state(server, "b")).isEqualTo("1 NOT_LOADED");
      assertThat(activity(server).getFirst()).isEqualTo("reset model/a done");
      assertThat(post(server, CONTROL + "b:reset", "")).isEqualTo(200);
      assertThat(state(server, "b")).isEqualTo("1 AVAILABLE");
    }
  }

  @Test
  void whatOtherProtocolsControlIsInTheAuditLog() throws Exception {
    try (RunningServer server = start("")) {
      assertThat(post(server, CONTROL + "a:rollback", "{\"version\": 1}")).isEqualTo(200);
      ModelConfigList.Builder list = ModelConfigList.newBuilder();
      for (String name : List.of("a", "b")) {
        list.addConfig(
            ModelConfig.newBuilder().setName(name).setBasePath(temporary.resolve(name).toString()));
      }
      var unused =
          server
              .grpc()
              .call(
                  GrpcClient.RELOAD,
                  ReloadConfigRequest.newBuilder()
                      .setConfig(ModelServerConfig.newBuilder().setModelConfigList(list))
                      .build());
      Await.until("version 2 of a", () -> state(server, "a").equals("2 AVAILABLE"));
      assertThat(post(server, "/v2/repository/models/b/unload", "{}")).isEqualTo(200);
      assertThat(post(server, "/v2/repository/models/b/load", "{}")).isEqualTo(200);
      assertThat(post(server, "/v2/repository/models/none/load", "{}")).isNotEqualTo(200);
      List<String> activity = activity(server);
      assertThat(activity.getFirst()).startsWith("load model/none refused: failed to load 'none'");
      assertThat(activity.subList(1, 4))
          .containsExactly("load model/b done", "unload model/b done", "reload models done");
    }
  }
}
