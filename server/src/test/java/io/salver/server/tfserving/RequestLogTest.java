package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.util.JsonFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.inference.FakeCall;
import io.salver.server.inference.FakeLoop;
import io.salver.server.inference.InlineRunner;
import io.salver.server.inference.StaticModels;
import io.salver.server.tfserving.proto.PredictionLog;
import io.salver.testkit.HalfPlusTwo;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RequestLogTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_790_000_000);
  private static final int LARGE = 1 << 20;

  private final FakeLoop loop = new FakeLoop(1 << 20);
  private final StaticModels models =
      new StaticModels(InlineRunner.FACTORY)
          .add("half", 1, new HalfPlusTwo())
          .add("other", 1, new HalfPlusTwo());

  @TempDir Path directory;

  @AfterEach
  void close() {
    loop.close();
  }

  @Test
  void writesRequestsWithTheirAnswersAsTfRecords() throws IOException {
    try (RequestLog log = log(RequestLog.Format.TFRECORD, LARGE)) {
      log.configure(Map.of("half", new RequestSampling(1, "")));
      predict(log, "half", 2);
      predict(log, "other", 3);
      predict(log, "half", 4);
    }
    List<PredictionLog> logs = records(directory.resolve("requests-00000.tfrecord"));
    assertThat(logs).hasSize(2);
    PredictionLog first = logs.getFirst();
    assertThat(first.getLogMetadata().getTimestampSecs()).isEqualTo(NOW.getEpochSecond());
    assertThat(first.getLogMetadata().getSamplingConfig().getSamplingRate()).isEqualTo(1);
    assertThat(first.getPredictLog().getRequest().getInputsOrThrow("x").getFloatVal(0))
        .isEqualTo(2);
    assertThat(first.getPredictLog().getResponse().getOutputsOrThrow("y").getFloatVal(0))
        .isEqualTo(3);
    assertThat(first.getPredictLog().getResponse().getModelSpec().getVersion().getValue())
        .isEqualTo(1);
  }

  @Test
  void writesTheSameAsLinesOfJson() throws IOException {
    try (RequestLog log = log(RequestLog.Format.JSONL, LARGE)) {
      log.configure(Map.of("half", new RequestSampling(1, "half/calls")));
      predict(log, "half", 2);
      predict(log, "half", 4);
    }
    List<String> lines = Files.readAllLines(directory.resolve("half/calls-00000.jsonl"));
    assertThat(lines).hasSize(2);
    PredictionLog.Builder second = PredictionLog.newBuilder();
    JsonFormat.parser().merge(lines.get(1), second);
    assertThat(second.getPredictLog().getRequest().getInputsOrThrow("x").getFloatVal(0))
        .isEqualTo(4);
  }

  @Test
  void beginsANewFileWhenOneIsFullAndLeavesOldOnesAlone() throws IOException {
    Path old = Files.writeString(directory.resolve("requests-00001.tfrecord"), "old");
    try (RequestLog log = log(RequestLog.Format.TFRECORD, 1)) {
      log.configure(Map.of("half", new RequestSampling(1, "")));
      for (int i = 0; i < 3; i++) {
        predict(log, "half", i);
      }
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "requests-00000.tfrecord",
              "requests-00001.tfrecord",
              "requests-00002.tfrecord",
              "requests-00003.tfrecord");
    }
    assertThat(old).hasContent("old");
  }

  @Test
  void samplesAboutThePartThatItIsTold() {
    RequestLog log = log(RequestLog.Format.TFRECORD, LARGE);
    try (log) {
      log.configure(Map.of("half", new RequestSampling(0.25, "")));
      for (int i = 0; i < 1000; i++) {
        predict(log, "half", i);
      }
    }
    assertThat(log.written() + log.dropped()).isBetween(200L, 300L);
  }

  @Test
  void dropsAndCountsWhatCannotBeWritten() throws IOException {
    Files.writeString(directory.resolve("taken"), "a file where a directory should be");
    RequestLog log = log(RequestLog.Format.TFRECORD, LARGE);
    try (log) {
      log.configure(Map.of("half", new RequestSampling(1, "taken/requests")));
      predict(log, "half", 1);
    }
    assertThat(log.dropped()).isEqualTo(1);
    assertThat(log.written()).isZero();
  }

  @Test
  void refusesToWriteOutsideItsDirectory() {
    try (RequestLog log = log(RequestLog.Format.TFRECORD, LARGE)) {
      assertThatThrownBy(
              () -> log.configure(Map.of("half", new RequestSampling(1, "../elsewhere"))))
          .hasMessage(
              "model \"half\": filename_prefix: ../elsewhere (expected: a path inside "
                  + directory
                  + ", the request log's directory)");
    }
  }

  private RequestLog log(RequestLog.Format format, long maxFileBytes) {
    return new RequestLog(
        new RequestLog.Config(directory, "requests", format, maxFileBytes, 1000), () -> NOW, 1);
  }

  private void predict(RequestLog log, String model, double x) {
    GrpcMethod.Unary predict =
        (GrpcMethod.Unary)
            new PredictionService(
                    models,
                    (request, reply) -> request.lease().predictor().predict(request, reply),
                    log,
                    false)
                .methods()
                .getFirst();
    byte[] message = PredictionServiceTest.request(model, x).build().toByteArray();
    ByteBuf buffer = Unpooled.directBuffer(message.length).writeBytes(message);
    predict.handler().handle(new FakeCall(loop), buffer);
    buffer.release();
  }

  private static List<PredictionLog> records(Path file) throws IOException {
    TfRecords.Reader reader =
        new TfRecords.Reader(new ByteArrayInputStream(Files.readAllBytes(file)));
    List<PredictionLog> logs = new ArrayList<>();
    for (byte[] record = reader.next(); record != null; record = reader.next()) {
      logs.add(PredictionLog.parseFrom(record));
    }
    return logs;
  }
}
