package io.salver.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.salver.testkit.cases.OnnxModelWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that cannot be served beside one that can. */
class BadModelTest {
  private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));
  private static final Path GOOD = HalfPlusTwoCalls.directory().resolve("1/model.onnx");

  @TempDir Path temporary;

  private Path model(String name, String file, byte[] bytes) throws IOException {
    Path version = Files.createDirectories(temporary.resolve(name).resolve("1"));
    Path path = Files.write(version.resolve(file), bytes);
    Files.setLastModifiedTime(path, LONG_AGO);
    return path;
  }

  private RunningServer start(String... models) throws Exception {
    StringBuilder config = new StringBuilder("model_config_list {\n");
    for (String model : models) {
      config.append(ModelDirectories.entry(model, temporary.resolve(model)));
    }
    Path file = temporary.resolve("models.config");
    Files.writeString(file, config.append("}\n"));
    Path yaml =
        Files.writeString(
            temporary.resolve("salver.yaml"),
            "lifecycle: {poll: 20ms, quiet_period: 100ms,"
                + " max_load_retries: 0, load_retry_interval: 1s}\n");
    return RunningServer.start("--model_config_file=" + file, "--config=" + yaml);
  }

  private static JsonObject versionStatus(RunningServer server, String model) throws Exception {
    return server
        .rest()
        .get("/v1/models/" + model)
        .json()
        .getAsJsonObject()
        .getAsJsonArray("model_version_status")
        .get(0)
        .getAsJsonObject();
  }

  private static void assertNotServed(RunningServer server, String model, String reason)
      throws Exception {
    JsonObject status = versionStatus(server, model);
    assertThat(status.get("state").getAsString()).isEqualTo("END");
    assertThat(status.getAsJsonObject("status").get("error_message").getAsString())
        .contains(reason);
    RestClient.Answer answer = predict(server, model);
    assertThat(answer.status()).as(answer.body()).isIn(400, 404, 503);
  }

  private static RestClient.Answer predict(RunningServer server, String model) throws Exception {
    return server.rest().post("/v1/models/" + model + ":predict", HalfPlusTwoCalls.json(1));
  }

  private static void assertServed(RunningServer server, String model) throws Exception {
    assertThat(HalfPlusTwoCalls.problem(1, predict(server, model).body())).isEmpty();
  }

  /** A model whose weights are said to lie in a file beside the models, which is there. */
  private byte[] readsOutsideOfItsDirectory() throws IOException {
    Files.write(temporary.resolve("secret"), new byte[8]);
    return new OnnxModelWriter()
        .externalInitializer("w", 2, "../../secret", 0)
        .node("", "Add", List.of("x", "w"), List.of("y"))
        .input("x", OnnxModelWriter.FLOAT, "batch")
        .output("y", OnnxModelWriter.FLOAT, "batch")
        .toByteArray();
  }

  @Test
  void badModelsAreNotServedAndSayWhyAndTheGoodOneIs() throws Exception {
    byte[] good = Files.readAllBytes(GOOD);
    byte[] garbage = new byte[1000];
    Arrays.fill(garbage, (byte) 0xfe);
    model("good", "model.onnx", good);
    model("cut_off", "model.onnx", Arrays.copyOf(good, good.length / 2));
    model("empty", "model.onnx", new byte[0]);
    model("garbage", "model.onnx", garbage);
    model("cut_off_graph", "saved_model.pb", new byte[] {8, 1, 18, 127, 1, 2, 3});
    model("hostile", "model.onnx", readsOutsideOfItsDirectory());
    model("no_format", "notes.txt", "nothing to serve".getBytes(UTF_8));
    try (RunningServer server =
        start(
            "good",
            "cut_off",
            "empty",
            "garbage",
            "cut_off_graph",
            "hostile",
            "no_format",
            "absent")) {
      assertServed(server, "good");
      assertNotServed(server, "garbage", "model.onnx");
      assertNotServed(server, "hostile", "../../secret");
      assertNotServed(server, "no_format", "notes.txt");
      assertThat(predict(server, "absent").status()).isEqualTo(404);
      assertThat(predict(server, "cut_off").status()).isEqualTo(404);
      assertThat(predict(server, "cut_off_graph").status()).isEqualTo(404);
      assertThat(predict(server, "empty").status()).isEqualTo(404);
      String list = server.rest().get("/v1/models").body();
      assertThat(list)
          .contains("model.onnx: ends early: " + good.length / 2 + " bytes")
          .contains("model.onnx: 0 bytes")
          .contains("waiting for files: saved_model.pb")
          .contains("Could not find base path " + temporary.resolve("absent"))
          .contains("AVAILABLE");
      assertThat(server.rest().get("/healthz").status()).isEqualTo(200);
    }
  }

  @Test
  void aModelWhoseDirectoryIsRemovedGoesAndComesBackWithIt() throws Exception {
    model("good", "model.onnx", Files.readAllBytes(GOOD));
    model("other", "model.onnx", Files.readAllBytes(GOOD));
    try (RunningServer server = start("good", "other")) {
      assertServed(server, "good");
      Path away = temporary.resolve("away");
      Files.move(temporary.resolve("other"), away);
      for (int i = 0; i < 100; i++) {
        assertServed(server, "good");
        assertThat(predict(server, "other").status()).isIn(200, 404);
      }
      Files.move(away, temporary.resolve("other"));
      Await.until("other is served", () -> predict(server, "other").status() == 200);
      assertServed(server, "good");
    }
  }

  @Test
  void aVersionThatIsStillBeingCopiedIsNotLoaded() throws Exception {
    byte[] good = Files.readAllBytes(GOOD);
    model("good", "model.onnx", good);
    try (RunningServer server = start("good")) {
      Path version = Files.createDirectories(temporary.resolve("good/2"));
      Path file = version.resolve("model.onnx");
      for (int length = 0; length <= good.length; length++) {
        Files.write(file, Arrays.copyOf(good, length));
        assertServed(server, "good");
      }
      Await.until(
          "version 2",
          () ->
              server
                      .rest()
                      .post("/v1/models/good/versions/2:predict", HalfPlusTwoCalls.json(1))
                      .status()
                  == 200);
      assertThat(server.rest().get("/v1/models/good/versions/2").body()).doesNotContain("\"END\"");
    }
  }
}
