package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models whose engines are plug-ins, with these and without. */
class PluginTest {
  private static final Path TORCH = Path.of("D_other/triton_add_sub_torch/add_sub");
  private static final Path CAFFE = Path.of("D_other/caffe_ultraface_slim/Slim-320");

  @TempDir Path temporary;
  private Path models;

  @BeforeEach
  void copyModels() throws IOException {
    Path data = TestData.required();
    models = temporary.resolve("models.config");
    Path torch = temporary.resolve("add_sub");
    copy(data.resolve(TORCH).resolve("1"), torch.resolve("1"));
    for (String file : new String[] {"config.pbtxt", "output0_labels.txt"}) {
      Files.copy(data.resolve(TORCH).resolve(file), torch.resolve(file));
    }
    copy(data.resolve(CAFFE), temporary.resolve("faces/1"));
    Files.writeString(
        models,
        "model_config_list {\n"
            + ModelDirectories.entry("add_sub", torch)
            + ModelDirectories.entry("faces", temporary.resolve("faces"))
            + ModelDirectories.entry("half_plus_two", HalfPlusTwoCalls.directory())
            + "}\n");
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (var files = Files.newDirectoryStream(from)) {
      for (Path file : files) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
  }

  private RunningServer start(Path plugins) throws Exception {
    Path yaml =
        Files.writeString(
            temporary.resolve("salver.yaml"),
            "engines: {plugins: " + plugins + "}\nlifecycle: {poll: 20ms, quiet_period: 100ms}\n");
    return RunningServer.start("--model_config_file=" + models, "--config=" + yaml);
  }

  @Test
  void bothPluginsServeBesideEachOther() throws Exception {
    Path plugins = temporary.resolve("plugins");
    PluginDirectory.make(plugins);
    try (RunningServer server = start(plugins)) {
      JsonArray sums =
          outputs(
              server,
              "add_sub",
              """
              {"inputs": [
                {"name": "INPUT__0", "shape": [1, 16], "datatype": "FP32",
                 "data": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]},
                {"name": "INPUT__1", "shape": [1, 16], "datatype": "FP32",
                 "data": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}]}
              """);
      assertThat(sums.get(0).getAsJsonObject().get("data"))
          .isEqualTo(
              JsonParser.parseString(
                  "[1.0,2.0,3.0,4.0,5.0,6.0,7.0,8.0,9.0,10.0,11.0,12.0,13.0,14.0,15.0,16.0]"));
      assertThat(sums.get(1).getAsJsonObject().getAsJsonArray("data").get(0).getAsDouble())
          .isEqualTo(-1);
      String gray = "0,".repeat(3 * 240 * 320 - 1) + "0";
      JsonArray faces =
          outputs(
              server,
              "faces",
              "{\"inputs\": [{\"name\": \"input\", \"shape\": [1, 3, 240, 320],"
                  + " \"datatype\": \"FP32\", \"data\": ["
                  + gray
                  + "]}]}");
      assertThat(faces)
          .extracting(output -> output.getAsJsonObject().get("shape").toString())
          .containsExactlyInAnyOrder("[1,4420,2]", "[1,4420,4]");
      assertThat(HalfPlusTwoCalls.problem(1, halfPlusTwo(server).body())).isEmpty();
    }
  }

  private static JsonArray outputs(RunningServer server, String model, String body)
      throws Exception {
    RestClient.Answer answer = server.rest().post("/v2/models/" + model + "/infer", body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json().getAsJsonObject().getAsJsonArray("outputs");
  }

  private static RestClient.Answer halfPlusTwo(RunningServer server) throws Exception {
    return server.rest().post("/v1/models/half_plus_two:predict", HalfPlusTwoCalls.json(1));
  }

  @Test
  void withoutThePluginTheStatusSaysWhatToRun() throws Exception {
    try (RunningServer server = start(Files.createDirectory(temporary.resolve("none")))) {
      assertThat(error(server, "add_sub"))
          .contains("model.pt: a TorchScript model")
          .contains("./salver plugin torch");
      assertThat(error(server, "faces"))
          .contains("slim-320.prototxt: a Caffe model")
          .contains("./salver plugin opencv");
      assertThat(HalfPlusTwoCalls.problem(1, halfPlusTwo(server).body())).isEmpty();
    }
  }

  private static String error(RunningServer server, String model) throws Exception {
    JsonObject status =
        server
            .rest()
            .get("/v1/models/" + model)
            .json()
            .getAsJsonObject()
            .getAsJsonArray("model_version_status")
            .get(0)
            .getAsJsonObject();
    assertThat(status.get("state").getAsString()).isEqualTo("END");
    return status.getAsJsonObject("status").get("error_message").getAsString();
  }

  @Test
  void aPluginThatIsNoneEndsTheStart() throws Exception {
    Path plugins = temporary.resolve("plugins");
    Files.createDirectories(plugins.resolve("empty"));
    Path yaml =
        Files.writeString(
            temporary.resolve("salver.yaml"), "engines: {plugins: " + plugins + "}\n");
    try (SalverProcess process =
        SalverProcess.start("serve", "--model_config_file=" + models, "--config=" + yaml)) {
      assertThat(process.output()).contains("no engine in its jars (expected: at least one)");
      assertThat(process.exitCode()).isEqualTo(1);
    }
  }
}
