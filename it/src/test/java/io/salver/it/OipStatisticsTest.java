package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.salver.server.oip.proto.InferBatchStatistics;
import io.salver.server.oip.proto.InferStatistics;
import io.salver.server.oip.proto.ModelInferRequest;
import io.salver.server.oip.proto.ModelStatistics;
import io.salver.server.oip.proto.ModelStatisticsRequest;
import io.salver.server.oip.proto.StatisticDuration;
import io.salver.server.tfserving.proto.ModelSpec;
import io.salver.server.tfserving.proto.PredictRequest;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.testkit.cases.ArrayTensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Statistics against the load that was sent, to the count. */
class OipStatisticsTest {
  private static final int CLIENTS = 4;
  private static final int REQUESTS = 100;
  private static final String MODEL = HalfPlusTwoCalls.NAME;
  private static final ArrayTensor WRONG_TYPE =
      new ArrayTensor(DType.STRING, Shape.of(1), new byte[1][1]);

  @TempDir static Path temporary;
  private static RunningServer server;

  @BeforeAll
  static void start() throws Exception {
    Path config =
        Files.writeString(
            temporary.resolve("salver.yaml"),
            """
            models:
              - {name: %s, base_path: %s}
              - {name: other, base_path: %s}
            """
                .formatted(MODEL, HalfPlusTwoCalls.directory(), HalfPlusTwoCalls.directory()));
    server = RunningServer.start("--config=" + config);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** What a client sent. */
  private static final class Sent {
    private final Map<Integer, Integer> requestsByRows = new TreeMap<>();
    private int failures;

    void add(Sent more) {
      more.requestsByRows.forEach((rows, count) -> requestsByRows.merge(rows, count, Integer::sum));
      failures += more.failures;
    }

    long requests() {
      return requestsByRows.values().stream().mapToInt(Integer::intValue).sum();
    }

    long rows() {
      return requestsByRows.entrySet().stream().mapToLong(e -> e.getKey() * e.getValue()).sum();
    }
  }

  private static Sent load(long seed) throws Exception {
    Random random = new Random(seed);
    Sent sent = new Sent();
    for (int i = 0; i < REQUESTS; i++) {
      int rows = 1 + random.nextInt(20);
      Way way = Way.values()[random.nextInt(Way.values().length)];
      if (random.nextInt(10) == 0) {
        fail(way);
        sent.failures++;
      } else {
        succeed(way, rows);
        sent.requestsByRows.merge(rows, 1, Integer::sum);
      }
    }
    return sent;
  }

  /** How a request is sent. */
  private enum Way {
    TF_REST,
    TF_GRPC,
    OIP_REST,
    OIP_GRPC
  }

  private static void succeed(Way way, int rows) throws Exception {
    String numbers = "1.5, ".repeat(rows - 1) + "2.5";
    switch (way) {
      case TF_REST ->
          assertThat(post("/v1/models/" + MODEL + ":predict", "{\"instances\": [" + numbers + "]}"))
              .isEqualTo(200);
      case OIP_REST ->
          assertThat(post("/v2/models/" + MODEL + "/infer", infer("FP32", rows, numbers)))
              .isEqualTo(200);
      case TF_GRPC -> {
        var unused =
            server.grpc().call(GrpcClient.PREDICT, request(ArrayTensor.floats(new float[rows])));
      }
      case OIP_GRPC -> {
        var unused = server.grpc().call(OipControlCalls.INFER, infer("FP32", rows));
      }
    }
  }

  private static void fail(Way way) throws Exception {
    switch (way) {
      case TF_REST ->
          assertThat(post("/v1/models/" + MODEL + ":predict", "{\"instances\": [\"no number\"]}"))
              .isEqualTo(400);
      case OIP_REST ->
          assertThat(post("/v2/models/" + MODEL + "/infer", infer("INT32", 1, "1"))).isEqualTo(400);
      case TF_GRPC ->
          assertThatThrownBy(() -> server.grpc().call(GrpcClient.PREDICT, request(WRONG_TYPE)))
              .isInstanceOf(StatusRuntimeException.class);
      case OIP_GRPC ->
          assertThatThrownBy(() -> server.grpc().call(OipControlCalls.INFER, infer("INT32", 1)))
              .isInstanceOf(StatusRuntimeException.class);
    }
  }

  private static int post(String path, String body) throws Exception {
    return server.rest().post(path, body).status();
  }

  private static String infer(String datatype, int rows, String numbers) {
    return "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"%s\",\"shape\":[%d],\"data\":[%s]}]}"
        .formatted(datatype, rows, numbers);
  }

  private static ModelInferRequest infer(String datatype, int rows) {
    return ModelInferRequest.newBuilder()
        .setModelName(MODEL)
        .addInputs(
            ModelInferRequest.InferInputTensor.newBuilder()
                .setName("x")
                .setDatatype(datatype)
                .addShape(rows))
        .addRawInputContents(ByteString.copyFrom(new byte[4 * rows]))
        .build();
  }

  private static PredictRequest request(ArrayTensor x) {
    return PredictRequest.newBuilder()
        .setModelSpec(ModelSpec.newBuilder().setName(MODEL))
        .putInputs("x", ProtoTensors.toProto(x))
        .build();
  }

  private static ModelStatistics statistics(String model, String version) {
    return server
        .grpc()
        .call(
            OipControlCalls.STATISTICS,
            ModelStatisticsRequest.newBuilder().setName(model).setVersion(version).build())
        .getModelStats(0);
  }

  @Test
  void theCountsAreThoseOfTheLoadThatWasSent() throws Exception {
    ModelStatistics before = statistics(MODEL, "");
    long startedMs = System.currentTimeMillis();
    Sent sent = new Sent();
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      List<Callable<Sent>> loads = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        long seed = 40 + i;
        loads.add(() -> load(seed));
      }
      for (Future<Sent> load : clients.invokeAll(loads)) {
        sent.add(load.get());
      }
    }
    assertThat(server.rest().post("/v1/models/nobody:predict", "{}").status()).isEqualTo(404);

    Await.until(
        sent.requests() + " requests counted",
        () ->
            count(statistics(MODEL, ""), before, InferStatistics::getSuccess) == sent.requests()
                && count(statistics(MODEL, ""), before, InferStatistics::getFail) == sent.failures);
    ModelStatistics after = statistics(MODEL, "1");
    assertThat(after.getInferenceCount() - before.getInferenceCount()).isEqualTo(sent.rows());
    assertBatches(after, before, sent);
    assertTimes(after.getInferenceStats(), before.getInferenceStats(), sent.requests());
    assertThat(after.getLastInference()).isBetween(startedMs, System.currentTimeMillis());
    assertThat(after.getMemoryUsage(0).getType()).isEqualTo("CPU");
    assertThat(after.getMemoryUsage(0).getByteSize()).isPositive();
  }

  private interface Field {
    StatisticDuration of(InferStatistics statistics);
  }

  private static long count(ModelStatistics after, ModelStatistics before, Field field) {
    return field.of(after.getInferenceStats()).getCount()
        - field.of(before.getInferenceStats()).getCount();
  }

  /** Runs may answer several requests each; their rows are those that were sent. */
  private static void assertBatches(ModelStatistics after, ModelStatistics before, Sent sent) {
    assertThat(rows(after) - rows(before)).isEqualTo(sent.rows());
    long executions = after.getExecutionCount() - before.getExecutionCount();
    assertThat(executions).isPositive().isLessThanOrEqualTo(sent.requests());
    assertThat(
            after.getBatchStatsList().stream()
                .mapToLong(batch -> batch.getComputeInfer().getCount())
                .sum())
        .isEqualTo(after.getExecutionCount());
  }

  private static long rows(ModelStatistics statistics) {
    long rows = 0;
    for (InferBatchStatistics batch : statistics.getBatchStatsList()) {
      assertThat(batch.getComputeInput().getCount()).isEqualTo(batch.getComputeInfer().getCount());
      assertThat(batch.getComputeOutput().getCount()).isEqualTo(batch.getComputeInfer().getCount());
      rows += batch.getBatchSize() * batch.getComputeInfer().getCount();
    }
    return rows;
  }

  private static void assertTimes(InferStatistics after, InferStatistics before, long requests) {
    long parts = 0;
    List<Field> fields =
        List.of(
            InferStatistics::getQueue,
            InferStatistics::getComputeInput,
            InferStatistics::getComputeInfer,
            InferStatistics::getComputeOutput);
    for (Field field : fields) {
      assertThat(field.of(after).getCount() - field.of(before).getCount()).isEqualTo(requests);
      parts += field.of(after).getNs() - field.of(before).getNs();
    }
    long whole = after.getSuccess().getNs() - before.getSuccess().getNs();
    assertThat(parts).isEqualTo(whole).isPositive();
    assertThat(after.getCacheHit().getCount()).isZero();
    assertThat(after.getCacheMiss().getCount()).isZero();
  }

  @Test
  void everyFieldThatPerfAnalyzerReadsIsThereByRestAsANumber() throws Exception {
    for (String path : List.of("/v2/models/stats", "/v2/models/other/stats")) {
      JsonObject all = server.rest().get(path).json().getAsJsonObject();
      assertThat(all.keySet()).containsExactly("model_stats");
      for (var element : all.getAsJsonArray("model_stats")) {
        assertFields(element.getAsJsonObject());
      }
    }
    assertThat(
            server
                .rest()
                .get("/v2/models/stats")
                .json()
                .getAsJsonObject()
                .getAsJsonArray("model_stats"))
        .hasSize(2);
  }

  private static void assertFields(JsonObject model) {
    assertThat(model.get("version").getAsJsonPrimitive().isString()).isTrue();
    for (String number : List.of("last_inference", "inference_count", "execution_count")) {
      assertThat(model.get(number).getAsJsonPrimitive().isNumber()).as(number).isTrue();
    }
    JsonObject inference = model.getAsJsonObject("inference_stats");
    for (String name :
        List.of(
            "success",
            "fail",
            "queue",
            "compute_input",
            "compute_infer",
            "compute_output",
            "cache_hit",
            "cache_miss")) {
      JsonObject duration = inference.getAsJsonObject(name);
      assertThat(duration.get("count").getAsJsonPrimitive().isNumber()).as(name).isTrue();
      assertThat(duration.get("ns").getAsJsonPrimitive().isNumber()).as(name).isTrue();
    }
    assertThat(model.has("batch_stats")).isTrue();
    assertThat(model.has("memory_usage")).isTrue();
    assertThat(model.has("response_stats")).isTrue();
  }

  @Test
  void aModelThatWasNotAskedHasCountsOfZeroInSpiteOfItsWarmUp() {
    ModelStatistics other = statistics("other", "");
    assertThat(other.getInferenceCount()).isZero();
    assertThat(other.getExecutionCount()).isZero();
    assertThat(other.getLastInference()).isZero();
    assertThat(other.getBatchStatsList()).isEmpty();
    assertThat(other.getInferenceStats().hasSuccess()).isTrue();
  }

  @Test
  void whatIsNotReadyHasNoStatistics() throws Exception {
    RestClient.Answer unknown = server.rest().get("/v2/models/absent/stats");
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.error()).isEqualTo("requested model 'absent' is not available");
    RestClient.Answer version = server.rest().get("/v2/models/other/versions/7/stats");
    assertThat(version.status()).isEqualTo(400);
    assertThat(version.error())
        .isEqualTo("requested model version is not available for model 'other'");
    assertThat(server.rest().post("/v2/models/stats", "{}").status()).isEqualTo(405);
    assertThatThrownBy(() -> statistics("other", "seven"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
  }
}
