package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.salver.examples.HeavyModel;
import io.salver.server.tfserving.proto.ModelSpec;
import io.salver.server.tfserving.proto.PredictRequest;
import io.salver.server.tfserving.proto.PredictResponse;
import io.salver.testkit.cases.ArrayTensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** More requests at once than a slow model can answer in time. */
@Timeout(120)
class OverloadTest {
  private static final int CROWD = 300;
  private static final double POOLED_BYTES = 8 << 20;

  @TempDir Path temporary;

  private RunningServer start(String batching, String cache) throws Exception {
    Path version = Files.createDirectories(temporary.resolve("heavy/1"));
    Files.write(version.resolve("model.onnx"), HeavyModel.toOnnx(512, 64));
    Path config =
        Files.writeString(
            temporary.resolve("salver.yaml"),
            """
            lifecycle: {quiet_period: 0s}
            models:
              - {name: %s, base_path: %s}
              - name: heavy
                base_path: %s
                batching: %s
                cache: %s
            """
                .formatted(
                    HalfPlusTwoCalls.NAME,
                    HalfPlusTwoCalls.directory(),
                    temporary.resolve("heavy"),
                    batching,
                    cache));
    return RunningServer.start("--config=" + config);
  }

  private static PredictRequest heavy(float x) {
    return PredictRequest.newBuilder()
        .setModelSpec(ModelSpec.newBuilder().setName("heavy"))
        .putInputs("x", ProtoTensors.toProto(ArrayTensor.floats(x)))
        .build();
  }

  private static ListenableFuture<PredictResponse> send(RunningServer server, float x) {
    return ClientCalls.futureUnaryCall(
        server
            .grpc()
            .channel()
            .newCall(
                GrpcClient.PREDICT, CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS)),
        heavy(x));
  }

  private static List<Status> answers(List<ListenableFuture<PredictResponse>> calls, float[] x)
      throws Exception {
    List<Status> statuses = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      try {
        ArrayTensor y = ProtoTensors.fromProto(calls.get(i).get().getOutputsOrThrow("y"));
        assertThat(ArrayTensor.floats(x[i]).difference(y, 1e-3)).isEmpty();
        statuses.add(Status.OK);
      } catch (ExecutionException e) {
        statuses.add(Status.fromThrowable(e));
      }
    }
    return statuses;
  }

  private static void assertKeptNothing(RunningServer server, double nativeBefore)
      throws Exception {
    Await.until(
        "no request in flight",
        Duration.ofSeconds(30),
        () -> server.metric("salver_inflight_requests") == 0);
    Await.until(
        "native memory back",
        Duration.ofSeconds(30),
        () -> server.metric("salver_native_memory_bytes") <= nativeBefore + POOLED_BYTES);
  }

  @Test
  void whatCannotBeAnsweredInTimeIsRefusedWithTheQueuesStateAndAllElseIsAnswered()
      throws Exception {
    try (RunningServer server =
        start("{latency_objective: 40ms, max_batch_size: 2, instances: 1}", "{}")) {
      double nativeBefore = server.metric("salver_native_memory_bytes");
      List<ListenableFuture<PredictResponse>> calls = new ArrayList<>();
      float[] x = new float[CROWD];
      for (int i = 0; i < CROWD; i++) {
        x[i] = i;
        calls.add(send(server, i));
      }
      assertThat(
              HalfPlusTwoCalls.problem(
                  3, server.grpc().call(GrpcClient.PREDICT, HalfPlusTwoCalls.request(3))))
          .as("the fast model beside it")
          .isEmpty();
      List<Status> statuses = answers(calls, x);
      assertThat(statuses).filteredOn(Status::isOk).isNotEmpty();
      assertThat(statuses)
          .filteredOn(status -> !status.isOk())
          .isNotEmpty()
          .allSatisfy(status -> {
            assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(status.getDescription())
                .contains("overload of heavy/1: ")
                .contains("wait for 1 instances, the first for ");
          });
      assertKeptNothing(server, nativeBefore);
      assertThat(answers(List.of(send(server, 5)), new float[] {5})).containsExactly(Status.OK);
    }
  }

  @Test
  void equalRequestsToAModelWithACacheAreRunOnce() throws Exception {
    try (RunningServer server = start("{}", "{max_size: 1MiB}")) {
      List<ListenableFuture<PredictResponse>> calls = new ArrayList<>();
      float[] x = new float[CROWD];
      for (int i = 0; i < CROWD; i++) {
        x[i] = i % 3;
        calls.add(send(server, x[i]));
      }
      assertThat(answers(calls, x)).allMatch(Status::isOk);
      String metrics = server.rest().get("/metrics").body();
      assertThat(metrics)
          .contains(
              "salver_cache_requests_total{model=\"heavy\",version=\"1\",outcome=\"miss\"} 3\n");
    }
  }
}
