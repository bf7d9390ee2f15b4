package io.salver.server.metrics;

import static io.salver.server.metrics.FakeServedModels.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.salver.lifecycle.VersionState;
import io.salver.model.ModelVersion;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.predict.Stage;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.testkit.HalfPlusTwo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PredictionMetricsTest {
  private static final String OF_HALF = "{api=GRPC,code=OK,method=Predict,model=half,version=3}";

  private final FakeServedModels served = new FakeServedModels();
  private final AtomicLong nowNs = new AtomicLong();
  private final PredictionMetrics metrics = new PredictionMetrics(served, nowNs::get);
  private final ArenaPool pool = new ArenaPool(1 << 20);
  private final TensorArena arena = pool.take();

  @BeforeEach
  void serveHalf() {
    served.set("half", "onnx", "", version(3, VersionState.AVAILABLE, ""));
  }

  @AfterEach
  void freeTheArena() {
    arena.close();
    pool.close();
  }

  private PredictRequest request(Signature signature, long rows) {
    Tensor x = arena.allocate(DType.FLOAT32, Shape.of(rows));
    return new PredictRequest(
        FakeServedModels.lease(new ModelVersion("half", 3)),
        signature,
        new Tensor[] {x},
        null,
        arena,
        System.nanoTime(),
        Long.MAX_VALUE);
  }

  @Test
  void countsARequestForTensorFlowServingAndForItsVersion() {
    metrics.finished("half", 3, Api.GRPC, Method.PREDICT, null, 20_000);
    metrics.finished("half", 3, Api.GRPC, Method.PREDICT, null, 2_000_000_000);
    Exposition page = Exposition.of(metrics);

    assertThat(page.types())
        .containsEntry(":tensorflow:serving:request_count", "counter")
        .containsEntry(":tensorflow:serving:request_latency", "histogram");
    assertThat(page.value(":tensorflow:serving:request_count{model_name=half,status=OK}"))
        .isEqualTo(2);
    String latency = ":tensorflow:serving:request_latency";
    String labels = "{API=Predict,entrypoint=GRPC,model_name=half";
    assertThat(
            page.value(latency + "_bucket" + "{API=Predict,entrypoint=GRPC,le=18,model_name=half}"))
        .isZero();
    assertThat(page.value(latency + "_bucket{API=Predict,entrypoint=GRPC,le=32.4,model_name=half}"))
        .isEqualTo(1);
    assertThat(page.value(latency + "_bucket{API=Predict,entrypoint=GRPC,le=+Inf,model_name=half}"))
        .isEqualTo(2);
    assertThat(page.value(latency + "_sum" + labels + "}")).isEqualTo(2_000_020);
    assertThat(page.value(latency + "_count" + labels + "}")).isEqualTo(2);
    assertThat(page.value("salver_requests_total" + OF_HALF)).isEqualTo(2);
    assertThat(
            page.value("salver_request_seconds_sum{api=GRPC,method=Predict,model=half,version=3}"))
        .isEqualTo(2.00002);
  }

  @Test
  void countsFailuresByCodeAndKeepsThemOutOfTensorFlowServingsLatency() {
    metrics.finished("half", 3, Api.REST, Method.PREDICT, null, 1);
    metrics.finished("half", 3, Api.REST, Method.PREDICT, Category.INVALID_ARGUMENT, 1);
    Exposition page = Exposition.of(metrics);

    assertThat(
            page.value(
                ":tensorflow:serving:request_count{model_name=half,status=INVALID_ARGUMENT}"))
        .isEqualTo(1);
    assertThat(
            page.value(
                ":tensorflow:serving:request_latency_count"
                    + "{API=Predict,entrypoint=REST,model_name=half}"))
        .isEqualTo(1);
    assertThat(
            page.value(
                "salver_request_seconds_count{api=REST,method=Predict,model=half,version=3}"))
        .isEqualTo(2);
  }

  @Test
  void requestsThatRunNoModelAreNotCountedForTensorFlowServing() {
    metrics.finished("half", 3, Api.REST, Method.GET_MODEL_METADATA, null, 1);
    Exposition page = Exposition.of(metrics);

    assertThat(page.samples().keySet()).noneMatch(name -> name.startsWith(":tensorflow"));
    assertThat(
            page.value(
                "salver_requests_total"
                    + "{api=REST,code=OK,method=GetModelMetadata,model=half,version=3}"))
        .isEqualTo(1);
  }

  @Test
  void timesTheStagesThatWereMarkedAndCountsRows() {
    PredictRequest request = request(HalfPlusTwo.SIGNATURE, 7);
    request.mark(Stage.DECODE);
    request.mark(Stage.RUN);
    metrics.observer(Api.GRPC).finished(request, null);
    Exposition page = Exposition.of(metrics);

    assertThat(page.value("salver_stage_seconds_count{model=half,stage=decode,version=3}")).isOne();
    assertThat(page.value("salver_stage_seconds_count{model=half,stage=run,version=3}")).isOne();
    assertThat(page.value("salver_stage_seconds_sum{model=half,stage=run,version=3}"))
        .isEqualTo(request.stageNs(Stage.RUN) / 1e9);
    assertThat(page.samples())
        .doesNotContainKey("salver_stage_seconds_count{model=half,stage=queue,version=3}");
    assertThat(page.value("salver_rows_total{model=half,version=3}")).isEqualTo(7);
    assertThat(page.value("salver_requests_total" + OF_HALF)).isOne();
    assertThat(
            page.value("salver_request_seconds_sum{api=GRPC,method=Predict,model=half,version=3}"))
        .isEqualTo((request.stageNs(Stage.DECODE) + request.stageNs(Stage.RUN)) / 1e9);
    assertThat(
            page.value(
                ":tensorflow:serving:runtime_latency_count"
                    + "{API=Predict,model_name=half,runtime=onnx}"))
        .isOne();
  }

  @Test
  void countsExamplesOfClassifySignatures() {
    served.set("half", "tensorflow", "", version(3, VersionState.AVAILABLE, ""));
    Signature classify =
        new Signature(
            "classify",
            "tensorflow/serving/classify",
            HalfPlusTwo.SIGNATURE.inputs(),
            HalfPlusTwo.SIGNATURE.outputs());
    PredictRequest request = request(classify, 3);
    request.mark(Stage.RUN);
    metrics.observer(Api.GRPC).finished(request, null);
    Exposition page = Exposition.of(metrics);

    assertThat(page.value(":tensorflow:serving:request_example_counts_bucket{le=2,model=half}"))
        .isZero();
    assertThat(page.value(":tensorflow:serving:request_example_counts_bucket{le=4,model=half}"))
        .isOne();
    assertThat(page.value(":tensorflow:serving:request_example_count_total{model=half}"))
        .isEqualTo(3);
    assertThat(
            page.value(
                ":tensorflow:serving:runtime_latency_count"
                    + "{API=Classify,model_name=half,runtime=TF1}"))
        .isOne();
  }

  @Test
  void anObserverOfOneMethodTakesItsWordOverTheSignatures() {
    metrics
        .observer(Api.REST, Method.MULTI_INFERENCE)
        .finished(request(HalfPlusTwo.SIGNATURE, 1), null);

    assertThat(
            Exposition.of(metrics)
                .value(
                    "salver_requests_total"
                        + "{api=REST,code=OK,method=MultiInference,model=half,version=3}"))
        .isOne();
  }

  @Test
  void aRequestWithoutAVersionIsCountedUnderNoModel() {
    nowNs.set(3_000_000_000L);
    metrics
        .observer(Api.REST)
        .refused(1_000_000_000L, new ServingException(Category.NOT_FOUND, "no such model"));
    Exposition page = Exposition.of(metrics);

    assertThat(page.value(":tensorflow:serving:request_count{model_name=,status=NOT_FOUND}"))
        .isOne();
    assertThat(page.value("salver_requests_total{api=REST,code=NOT_FOUND,method=,model=,version=}"))
        .isOne();
    assertThat(page.value("salver_request_seconds_sum{api=REST,method=,model=,version=}"))
        .isEqualTo(2);
  }

  @Test
  void aFailedPredictionHasItsStagesTimedButNoRows() {
    PredictRequest request = request(HalfPlusTwo.SIGNATURE, 7);
    request.mark(Stage.DECODE);
    nowNs.set(request.receivedNs() + 5_000_000_000L);
    metrics
        .observer(Api.GRPC)
        .finished(request, new ServingException(Category.RESOURCE_EXHAUSTED, "queue: 100"));
    Exposition page = Exposition.of(metrics);

    assertThat(page.value("salver_stage_seconds_count{model=half,stage=decode,version=3}")).isOne();
    assertThat(page.samples().keySet()).noneMatch(name -> name.startsWith("salver_rows_total"));
    assertThat(
            page.value("salver_request_seconds_sum{api=GRPC,method=Predict,model=half,version=3}"))
        .isEqualTo(5);
  }

  @Test
  void madeUpModelsAndVersionsGetNoLabelsOfTheirOwn() {
    metrics.finished("half", 3, Api.REST, Method.PREDICT, null, 1);
    int before = Exposition.of(metrics).samples().size();
    for (int i = 0; i < 10_000; i++) {
      metrics.finished("model-" + i, -1, Api.REST, Method.PREDICT, Category.NOT_FOUND, 1);
      metrics.finished("half", 1_000 + i, Api.REST, Method.PREDICT, Category.NOT_FOUND, 1);
    }
    Exposition page = Exposition.of(metrics);

    assertThat(page.samples()).hasSizeLessThan(before + 100);
    assertThat(page.value(":tensorflow:serving:request_count{model_name=,status=NOT_FOUND}"))
        .isEqualTo(10_000);
    assertThat(page.value(":tensorflow:serving:request_count{model_name=half,status=NOT_FOUND}"))
        .isEqualTo(10_000);
    assertThat(
            page.value(
                "salver_requests_total{api=REST,code=NOT_FOUND,method=Predict,model=half,version=}"))
        .isEqualTo(10_000);
  }

  @Test
  void aConfiguredModelThatNeverLoadedHasItsFailuresUnderItsName() {
    served.set("broken", "", "no such file");
    Exposition.of(metrics);
    metrics.finished("broken", -1, Api.GRPC, Method.PREDICT, Category.NOT_FOUND, 1);

    assertThat(
            Exposition.of(metrics)
                .value(":tensorflow:serving:request_count{model_name=broken,status=NOT_FOUND}"))
        .isOne();
  }

  @Test
  void anEndedVersionDisappearsAfterTheRetentionButItsModelsCountersDoNotFall() {
    metrics.finished("half", 3, Api.GRPC, Method.PREDICT, null, 1);
    served.set(
        "half",
        "onnx",
        "",
        version(4, VersionState.AVAILABLE, ""),
        version(3, VersionState.END, ""));
    assertThat(Exposition.of(metrics).samples()).containsKey("salver_requests_total" + OF_HALF);

    nowNs.addAndGet(Recorders.RETENTION_NS - 1);
    assertThat(Exposition.of(metrics).samples()).containsKey("salver_requests_total" + OF_HALF);
    nowNs.addAndGet(1);
    Exposition page = Exposition.of(metrics);

    assertThat(page.samples()).doesNotContainKey("salver_requests_total" + OF_HALF);
    assertThat(page.value(":tensorflow:serving:request_count{model_name=half,status=OK}")).isOne();
  }

  @Test
  void aVersionThatComesBackInTimeKeepsItsCounts() {
    metrics.finished("half", 3, Api.GRPC, Method.PREDICT, null, 1);
    served.set("half", "onnx", "", version(3, VersionState.END, ""));
    Exposition.of(metrics);
    nowNs.addAndGet(Recorders.RETENTION_NS - 1);
    served.set("half", "onnx", "", version(3, VersionState.AVAILABLE, ""));
    Exposition.of(metrics);
    nowNs.addAndGet(Recorders.RETENTION_NS);

    assertThat(Exposition.of(metrics).value("salver_requests_total" + OF_HALF)).isOne();
  }

  @Test
  void aModelThatIsNoLongerConfiguredDisappearsToo() {
    metrics.finished("half", 3, Api.GRPC, Method.PREDICT, null, 1);
    served.remove("half");
    for (int i = 0; i < 3; i++) {
      Exposition.of(metrics);
      nowNs.addAndGet(Recorders.RETENTION_NS);
    }

    assertThat(Exposition.of(metrics).samples()).isEmpty();
  }

  @Test
  void manySwapsWithoutAScrapeDoNotPileUp() {
    for (int i = 0; i < 1_000; i++) {
      served.set("half", "onnx", "", version(i, VersionState.AVAILABLE, ""));
      metrics.finished("half", i, Api.GRPC, Method.PREDICT, null, 1);
      nowNs.addAndGet(Recorders.RETENTION_NS / 10);
    }

    assertThat(Exposition.of(metrics).samples().keySet())
        .filteredOn(name -> name.startsWith("salver_requests_total"))
        .hasSizeLessThan(80);
  }

  @Test
  void noCountIsLostOnFourThreads() throws InterruptedException {
    int perThread = 50_000;
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                awaitQuietly(start);
                for (int i = 0; i < perThread; i++) {
                  metrics.finished("half", 3, Api.GRPC, Method.PREDICT, null, i);
                }
              }));
    }
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    Exposition page = Exposition.of(metrics);

    assertThat(page.value("salver_requests_total" + OF_HALF)).isEqualTo(4 * perThread);
    assertThat(
            page.value(
                "salver_request_seconds_bucket"
                    + "{api=GRPC,le=+Inf,method=Predict,model=half,version=3}"))
        .isEqualTo(4 * perThread);
    assertThat(
            page.value("salver_request_seconds_sum{api=GRPC,method=Predict,model=half,version=3}"))
        .isEqualTo(4.0 * perThread * (perThread - 1) / 2 / 1e9);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
