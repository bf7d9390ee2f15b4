package io.salver.server.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.salver.predict.Category;
import io.salver.server.metrics.Api;
import io.salver.server.metrics.FakeServedModels;
import io.salver.server.metrics.Method;
import io.salver.server.metrics.MetricPage;
import io.salver.server.metrics.MetricWriter;
import io.salver.server.metrics.PredictionMetrics;
import io.salver.server.trace.RequestEvent;
import io.salver.server.trace.RequestSink;
import io.salver.server.trace.TraceContext;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TelemetryTest {
  private static final TraceContext CALLER =
      new TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "01", "rojo=1");

  private OtlpReceiver receiver;

  @BeforeEach
  void listen() throws Exception {
    receiver = new OtlpReceiver();
  }

  @AfterEach
  void close() {
    receiver.close();
  }

  private Telemetry telemetry() {
    return new Telemetry(
        new Telemetry.Config(
            receiver.endpoint(),
            "test-server",
            Map.of("deployment.environment.name", "test"),
            Map.of("authorization", "Bearer secret"),
            Duration.ofSeconds(10),
            Duration.ofMillis(20)),
        "1.2.3");
  }

  private static RequestEvent event(
      @Nullable TraceContext trace, @Nullable Category failure, boolean sampled) {
    return new RequestEvent(
        null,
        "",
        Api.GRPC,
        Method.PREDICT,
        "",
        "eta",
        failure == Category.NOT_FOUND ? RequestEvent.NO_VERSION : 3,
        2,
        40,
        50,
        failure,
        failure == null ? "" : "no such thing",
        System.nanoTime() - 10_000_000,
        10_000_000,
        failure == null
            ? new RequestEvent.Stages(1_000_000, 2_000_000, 0, 6_000_000, 1_000_000)
            : RequestEvent.Stages.NONE,
        "",
        trace,
        sampled);
  }

  private List<Span> spans(RequestEvent... events) {
    try (RequestSink sink = telemetry().spans()) {
      for (RequestEvent event : events) {
        assertThat(sink.accept(event)).isTrue();
      }
    }
    return receiver.traces().stream()
        .flatMap(request -> request.getResourceSpansList().stream())
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .toList();
  }

  private static ByteString id(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  private static Map<String, AnyValue> attributes(List<KeyValue> attributes) {
    return attributes.stream().collect(Collectors.toMap(KeyValue::getKey, KeyValue::getValue));
  }

  @Test
  void aRequestIsASpanUnderItsCallersWithOneForEachStage() {
    List<Span> spans = spans(event(CALLER, null, true));

    assertThat(spans)
        .extracting(Span::getName)
        .containsExactlyInAnyOrder("Predict eta", "decode", "queue", "run", "encode");
    Map<String, Span> byName =
        spans.stream().collect(Collectors.toMap(Span::getName, Function.identity()));
    Span request = byName.get("Predict eta");
    assertThat(spans).allMatch(span -> span.getTraceId().equals(id(CALLER.traceId())));
    assertThat(request.getParentSpanId()).isEqualTo(id(CALLER.spanId()));
    assertThat(request.getTraceState()).isEqualTo("rojo=1");
    assertThat(request.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
    assertThat(request.getEndTimeUnixNano() - request.getStartTimeUnixNano()).isEqualTo(10_000_000);
    assertThat(attributes(request.getAttributesList()).get("salver.version").getIntValue())
        .isEqualTo(3);
    long at = request.getStartTimeUnixNano();
    for (String stage : List.of("decode", "queue", "run", "encode")) {
      Span span = byName.get(stage);
      assertThat(span.getParentSpanId()).as(stage).isEqualTo(request.getSpanId());
      assertThat(span.getStartTimeUnixNano()).as(stage).isEqualTo(at);
      at = span.getEndTimeUnixNano();
    }
    assertThat(at).isEqualTo(request.getEndTimeUnixNano());
    assertThat(receiver.tokens()).containsOnly("Bearer secret");
    var resource = receiver.traces().getFirst().getResourceSpans(0).getResource();
    assertThat(attributes(resource.getAttributesList()))
        .containsEntry("service.name", AnyValue.newBuilder().setStringValue("test-server").build())
        .containsEntry(
            "deployment.environment.name", AnyValue.newBuilder().setStringValue("test").build());
  }

  @Test
  void aRequestWithoutACallerBeginsATraceOfItsOwn() {
    List<Span> spans = spans(event(null, null, true), event(null, null, true));

    List<Span> roots = spans.stream().filter(span -> span.getParentSpanId().isEmpty()).toList();
    assertThat(roots).hasSize(2);
    assertThat(roots.get(0).getTraceId()).isNotEqualTo(roots.get(1).getTraceId());
  }

  @Test
  void aFailureIsAnError() {
    List<Span> spans = spans(event(CALLER, Category.NOT_FOUND, true));

    assertThat(spans).hasSize(1);
    Span span = spans.getFirst();
    assertThat(span.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
    assertThat(span.getStatus().getMessage()).isEqualTo("no such thing");
    assertThat(attributes(span.getAttributesList()).get("error.type").getStringValue())
        .isEqualTo("NOT_FOUND");
    assertThat(attributes(span.getAttributesList())).doesNotContainKey("salver.version");
  }

  @Test
  void whatWasNotSampledIsNotSent() {
    assertThat(spans(event(CALLER, null, false))).isEmpty();
  }

  @Test
  void metricsAreSentAsTheyAreShown() throws Exception {
    FakeServedModels served = new FakeServedModels();
    PredictionMetrics predictions = new PredictionMetrics(served, System::nanoTime);
    predictions.finished("half", 3, Api.REST, Method.PREDICT, null, 3_000_000);
    MetricPage page =
        new MetricPage(
            List.of(
                predictions,
                out -> {
                  out.gauge("test_bytes", "A gauge.");
                  out.sample(MetricWriter.labels("a", "x\"y\\z\n", "b", ""), 7);
                  out.sample("", 8.5);
                  out.summary("test_pause_seconds", "A summary.");
                  out.summarySample("", 3, 4.5);
                  out.gauge("test_empty", "Nothing.");
                }));
    try (Telemetry telemetry = telemetry()) {
      telemetry.sendMetrics(page);
      receiver.awaitFirst();
    }
    Map<String, Metric> metrics =
        receiver.metrics().getFirst().getResourceMetrics(0).getScopeMetricsList().stream()
            .flatMap(scope -> scope.getMetricsList().stream())
            .collect(Collectors.toMap(Metric::getName, Function.identity()));

    Metric requests = metrics.get("salver_requests_total");
    assertThat(requests.getSum().getIsMonotonic()).isTrue();
    assertThat(requests.getSum().getAggregationTemporality())
        .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    assertThat(requests.getSum().getDataPoints(0).getAsDouble()).isEqualTo(1);
    assertThat(attributes(requests.getSum().getDataPoints(0).getAttributesList()))
        .containsEntry("model", AnyValue.newBuilder().setStringValue("half").build())
        .containsEntry("code", AnyValue.newBuilder().setStringValue("OK").build());
    HistogramDataPoint latency =
        metrics.get("salver_request_seconds").getHistogram().getDataPoints(0);
    assertThat(metrics.get("salver_request_seconds").getUnit()).isEqualTo("s");
    assertThat(latency.getCount()).isEqualTo(1);
    assertThat(latency.getSum()).isEqualTo(0.003);
    assertThat(latency.getBucketCountsCount()).isEqualTo(latency.getExplicitBoundsCount() + 1);
    int bucket = latency.getBucketCountsList().indexOf(1L);
    assertThat(latency.getExplicitBounds(bucket - 1)).isEqualTo(0.002);
    assertThat(latency.getExplicitBounds(bucket)).isEqualTo(0.005);
    Metric gauge = metrics.get("test_bytes");
    assertThat(gauge.getUnit()).isEqualTo("By");
    assertThat(attributes(gauge.getGauge().getDataPoints(0).getAttributesList()))
        .containsEntry("a", AnyValue.newBuilder().setStringValue("x\"y\\z\n").build());
    assertThat(metrics.get("test_pause_seconds").getSummary().getDataPoints(0).getSum())
        .isEqualTo(4.5);
    assertThat(metrics).doesNotContainKey("test_empty");
    assertThat(metrics.keySet()).noneMatch(name -> name.startsWith(":"));
  }

  @Test
  void aReceiverThatIsGoneHoldsNobodyUp() {
    receiver.close();
    try (RequestSink sink = telemetry().spans()) {
      assertThat(sink.accept(event(null, null, true))).isTrue();
    }
    assertThat(receiver.traces()).isEmpty();
  }
}
