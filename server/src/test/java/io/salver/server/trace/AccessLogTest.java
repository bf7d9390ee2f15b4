package io.salver.server.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogTest {
  private static final EventClock CLOCK = ns -> Instant.parse("2026-01-02T03:04:05Z").plusNanos(ns);

  @TempDir Path directory;

  private static String written(AccessLog.Format format, RequestEvent event) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (AccessLog log = AccessLog.to(out, format, CLOCK)) {
      assertThat(log.accept(event)).isTrue();
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void anAnswerIsALineOfJson() {
    assertThat(written(AccessLog.Format.JSON, TestEvents.answered("eta", 1_500, 4_000)))
        .isEqualTo(
            "{\"time\": \"2026-01-02T03:04:05.000001Z\", \"remote\": \"10.1.2.3:4711\","
                + " \"protocol\": \"REST\", \"method\": \"Predict\", \"model\": \"eta\","
                + " \"version\": 3, \"rows\": 2, \"status\": \"OK\", \"request_bytes\": 40,"
                + " \"response_bytes\": 50, \"total_us\": 8.0, \"decode_us\": 1.0,"
                + " \"queue_us\": 2.5, \"run_us\": 4.0, \"encode_us\": 0.5}\n");
  }

  @Test
  void endpointsAndTracesAreNamed() {
    RequestEvent event =
        TestEvents.traced(
            TestEvents.answered("eta", 0, 4_000), "delivery", "p-1", TestEvents.TRACE);
    assertThat(written(AccessLog.Format.JSON, event))
        .contains("\"principal\": \"alice b\"")
        .contains("\"endpoint\": \"delivery\"")
        .endsWith(
            "\"prediction_id\": \"p-1\", \"trace_id\": \"4bf92f3577b34da6a3ce929d0e0e4736\"}\n");
    assertThat(written(AccessLog.Format.TEXT, event))
        .isEqualTo(
            "2026-01-02T03:04:05Z 10.1.2.3:4711 REST Predict eta/3 status=OK rows=2 in=40 out=50"
                + " total_us=8.0 decode_us=1.0 queue_us=2.5 run_us=4.0 encode_us=0.5"
                + " principal=alice_b endpoint=delivery prediction_id=p-1"
                + " trace_id=4bf92f3577b34da6a3ce929d0e0e4736\n");
  }

  @Test
  void whatAClientMadeUpCannotMakeALineOfItsOwn() {
    RequestEvent event = TestEvents.refused("a\nb \"c\"", "no \"such\"\nmodel");
    assertThat(written(AccessLog.Format.JSON, event))
        .contains("\"model\": \"a\\nb \\\"c\\\"\"")
        .contains("\"status\": \"NOT_FOUND\", \"error\": \"no \\\"such\\\"\\nmodel\"")
        .doesNotContain("version")
        .hasLineCount(1);
    assertThat(written(AccessLog.Format.TEXT, event))
        .isEqualTo(
            "2026-01-02T03:04:05Z - OIP_GRPC Predict a_b_\"c\"/- status=NOT_FOUND rows=0 in=7"
                + " out=0 total_us=9.0\n");
  }

  @Test
  void filesFollowEachOther() throws IOException {
    try (AccessLog log = AccessLog.toFiles(directory, AccessLog.Format.TEXT, 200, 2, CLOCK)) {
      for (int i = 0; i < 6; i++) {
        assertThat(log.accept(TestEvents.answered("m" + i, 0, 1))).isTrue();
      }
    }
    assertThat(directory.toFile().list())
        .containsExactlyInAnyOrder("access-00004.log", "access-00005.log");
    assertThat(Files.readAllLines(directory.resolve("access-00005.log")))
        .hasSize(1)
        .first()
        .asString()
        .contains(" m5/3 ");
  }

  @Test
  void aStreamThatBreaksIsCounted() {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("gone");
          }
        };
    try (AccessLog log = AccessLog.to(broken, AccessLog.Format.JSON, CLOCK)) {
      assertThat(log.accept(TestEvents.answered("m", 0, 1))).isFalse();
    }
  }

  @Test
  void aSystemsTimeIsNow() {
    Instant before = Instant.now();
    Instant at = EventClock.SYSTEM.at(System.nanoTime() - 1_000_000_000);
    assertThat(at).isBefore(before).isAfter(before.minusSeconds(30));
  }
}
