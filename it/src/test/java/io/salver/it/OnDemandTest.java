package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.examples.HeavyModel;
import io.salver.server.tfserving.proto.GetModelMetadataRequest;
import io.salver.server.tfserving.proto.ModelSpec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many more models than fit into the memory budget, asked for as often as Zipf's law says. */
@Timeout(180)
class OnDemandTest {
  private static final int MODELS = 200;
  private static final int CALLERS = 4;
  private static final int REQUESTS_OF_EACH = 500;
  private static final long SEED = 2026;

  /** By what the engine declares, before a load is measured, of a model of 1.8 MiB: for ten. */
  private static final long BUDGET_MIB = 18;

  @TempDir Path temporary;

  @Test
  void everyRequestIsAnsweredAndTheBudgetIsKept() throws Exception {
    Path file = temporary.resolve("model.onnx");
    Files.write(file, HeavyModel.toOnnx(256, 1));
    StringBuilder config = new StringBuilder();
    config.append("lifecycle: {quiet_period: 0s, memory_budget: " + BUDGET_MIB + "MiB}\nmodels:\n");
    for (int i = 0; i < MODELS; i++) {
      Path version = Files.createDirectories(temporary.resolve("m" + i + "/1"));
      Files.createLink(version.resolve("model.onnx"), file);
      config
          .append("  - {name: m" + i + ", on_demand: true, base_path: ")
          .append(temporary.resolve("m" + i) + "}\n");
    }
    Path yaml = Files.writeString(temporary.resolve("salver.yaml"), config);
    try (RunningServer server = RunningServer.start("--config=" + yaml)) {
      assertThat(server.metric("salver_models_not_loaded")).isEqualTo(MODELS);
      load(server);

      // While they come and go, one that is measured larger than it declared may be over for a
      // time.
      Await.until(
          "memory within the budget",
          () -> server.metric("salver_memory_used_bytes") <= BUDGET_MIB << 20);
      assertThat(server.metric("salver_on_demand_evictions_total")).isPositive();
      assertThat(server.metric("salver_on_demand_wait_seconds_count")).isGreaterThan(20);
      assertThat(server.metric("salver_on_demand_refusals_total")).isZero();
    }
  }

  @Test
  void theModelsCommandListsLoadsRollsBackAndLabels() throws Exception {
    for (int version : new int[] {1, 2}) {
      Path directory = Files.createDirectories(temporary.resolve("m/" + version));
      Files.write(directory.resolve("model.onnx"), HeavyModel.toOnnx(4, 1));
    }
    Path config =
        Files.writeString(
            temporary.resolve("salver.yaml"),
            "lifecycle: {quiet_period: 0s}\n"
                + "models: [{name: m, on_demand: true, base_path: "
                + temporary.resolve("m")
                + "}]\n");
    try (RunningServer server = RunningServer.start("--config=" + config)) {
      assertThat(models(server, 0, "list")).contains("NOT_LOADED", "not loaded (on demand)");
      assertThat(models(server, 0, "load", "m")).contains("m: loaded");
      assertThat(models(server, 0, "list")).contains("AVAILABLE").contains("of no budget");
      assertThat(models(server, 1, "rollback", "m", "--version=7"))
          .contains("model m: version 7 (expected: one of [1, 2]; nothing was changed)");
      assertThat(models(server, 0, "rollback", "m", "--version=1")).contains("version 1");
      assertThat(server.rest().get("/v1/control/models/m").body())
          .contains("\"version\":1,\"state\":\"AVAILABLE\"");
      assertThat(models(server, 0, "label", "m", "stable=1")).contains("{stable=1}");
      assertThat(models(server, 1, "label", "m", "stable=2")).contains("not currently available");
      assertThat(models(server, 2, "label", "m", "stable=one")).contains("expected: LABEL=VERSION");
      assertThat(models(server, 0, "unload", "m")).contains("m: being unloaded");
      assertThat(models(server, 1, "load", "none")).contains("model none: not known");
      assertThat(post(server, "/v1/control/models/m:explode", "")).isEqualTo(404);
      assertThat(post(server, "/v1/control/models/m:rollback", "{}")).isEqualTo(400);
      assertThat(post(server, "/v1/control/models/m:rollback", "[")).isEqualTo(400);
      assertThat(server.rest().get("/v1/control/models/none").status()).isEqualTo(404);
    }
  }

  @Test
  void metadataAndMembersOfEnsemblesWaitForTheLoad() throws Exception {
    StringBuilder config = new StringBuilder("lifecycle: {quiet_period: 0s}\nmodels:\n");
    for (String name : List.of("a", "b", "c", "d", "e", "f")) {
      Path version = Files.createDirectories(temporary.resolve(name + "/1"));
      Files.write(version.resolve("model.onnx"), HeavyModel.toOnnx(4, 1));
      config.append(
          "  - {name: "
              + name
              + ", on_demand: true, base_path: "
              + temporary.resolve(name)
              + "}\n");
    }
    Path yaml = Files.writeString(temporary.resolve("salver.yaml"), config);
    try (RunningServer server = RunningServer.start("--config=" + yaml)) {
      assertThat(server.rest().get("/v1/models/a/metadata").body()).contains("serving_default");
      assertThat(server.rest().get("/v2/models/b").body()).contains("\"inputs\"");
      assertThat(
              server
                  .grpc()
                  .call(
                      GrpcClient.METADATA,
                      GetModelMetadataRequest.newBuilder()
                          .setModelSpec(ModelSpec.newBuilder().setName("c"))
                          .addMetadataField("signature_def")
                          .build())
                  .getMetadataMap())
          .containsKey("signature_def");
      assertThat(server.metric("salver_models_not_loaded")).isEqualTo(3);

      put(
          server,
          "{\"type\":\"ensemble\",\"combine\":\"mean\",\"routes\":[{\"model\":\"a\"},{\"model\":\"d\"},{\"model\":\"e\"}]}");
      RestClient.Answer answer = server.rest().post("/v1/models/p:predict", "{\"instances\": [7]}");
      assertThat(answer.body().replaceAll("\\s", "")).isEqualTo("{\"predictions\":[7.0]}");
      assertThat(server.metric("salver_models_not_loaded")).isEqualTo(1);
    }
  }

  private static void put(RunningServer server, String policy) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.restPort() + "/v1/endpoints/p"))
            .header("content-type", "application/json")
            .PUT(HttpRequest.BodyPublishers.ofString("{\"policy\":" + policy + "}"))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
  }

  private static int post(RunningServer server, String path, String body) throws Exception {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return server.rest().post(path, bytes, "content-type", "application/json").status();
  }

  private static String models(RunningServer server, int exitCode, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("models"));
    command.addAll(List.of(arguments));
    command.add("--address=http://127.0.0.1:" + server.restPort());
    try (SalverProcess process = SalverProcess.start(command.toArray(String[]::new))) {
      String output = process.output();
      assertThat(process.exitCode()).as(output).isEqualTo(exitCode);
      return output;
    }
  }

  private static void load(RunningServer server) throws Exception {
    try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        SplittableRandom random = new SplittableRandom(SEED + i);
        ends.add(
            callers.submit(() -> {
              ask(server, random);
              return null;
            }));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    }
  }

  private static void ask(RunningServer server, SplittableRandom random)
      throws IOException, InterruptedException {
    for (int i = 0; i < REQUESTS_OF_EACH; i++) {
      String path = "/v1/models/m" + zipf(random) + ":predict";
      RestClient.Answer answer = server.rest().post(path, "{\"instances\": [" + i + "]}");
      assertThat(answer.body().replaceAll("\\s", "")).isEqualTo("{\"predictions\":[" + i + ".0]}");
    }
  }

  /** About as often the n-th as 1/n says, by inversion of the harmonic sum's approximation. */
  private static int zipf(SplittableRandom random) {
    return (int) Math.pow(MODELS + 1, random.nextDouble()) - 1;
  }
}
