package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.server.client.Http2Client;
import io.salver.server.client.RawClient;
import io.salver.server.client.RawClient.Answer;
import io.salver.server.http.HttpProtocols;
import io.salver.server.inference.InlineRunner;
import io.salver.server.inference.StaticModels;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import io.salver.testkit.HalfPlusTwo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A request that runs for too long is answered in time, and gives everything back later. */
@Timeout(60)
final class RestTimeoutTest {
  private static final String BODY = "{\"instances\": [2.0]}";

  private final StaticModels models =
      new StaticModels(InlineRunner.FACTORY).add("half", 1, new HalfPlusTwo());
  private final BlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> observed = new LinkedBlockingQueue<>();
  private final BlockingQueue<Integer> priorities = new LinkedBlockingQueue<>();
  private Listener listener;

  @BeforeEach
  void start() throws IOException {
    RestApi rest =
        new RestApi(
            models,
            (request, reply) -> {
              priorities.add(request.priority());
              held.add(() -> request.lease().predictor().predict(request, reply));
            },
            (request, failure) -> observed.add(failure == null ? "OK" : failure.category().name()),
            Duration.ofMillis(50),
            false);
    listener =
        Listener.start(ListenerConfig.onLoopback(0).withEventLoops(1), HttpProtocols.plain(rest));
  }

  @AfterEach
  void stop() {
    listener.close();
    models.close();
  }

  @Test
  void answersAnHttp1RequestAtItsDeadline() throws Exception {
    try (RawClient client = new RawClient(listener.port())) {
      client.send(
          "POST /v1/models/half:predict HTTP/1.1\r\nHost: x\r\nContent-Length: "
              + BODY.length()
              + "\r\n\r\n"
              + BODY);
      Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(504);
      assertThat(answer.body()).contains("\"error\": \"deadline exceeded");
      endTheRun();
    }
  }

  @Test
  void answersAnHttp2RequestAtItsDeadline() throws Exception {
    try (Http2Client client = new Http2Client(listener.port())) {
      Http2Client.Stream stream =
          client.open(
              Http2Client.grpc("/v1/models/half:predict").set("content-type", "application/json"),
              false);
      stream.send(BODY.getBytes(StandardCharsets.UTF_8), true);
      assertThat(stream.answer().header(":status")).isEqualTo("504");
      endTheRun();
    }
  }

  @Test
  void theHeadersSetPriorityAndDeadline() throws Exception {
    try (RawClient client = new RawClient(listener.port())) {
      String head = "POST /v1/models/half:predict HTTP/1.1\r\nHost: x\r\nContent-Length: ";
      client.send(head + BODY.length() + "\r\nX-Request-Timeout-Ms: soon\r\n\r\n" + BODY);
      Answer refused = client.read();
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.body()).contains("x-request-timeout-ms: \\\"soon\\\" (expected: a number");
      client.send(
          head
              + BODY.length()
              + "\r\nX-Request-Timeout-Ms: 1\r\nSalver-Priority: 2\r\n\r\n"
              + BODY);
      assertThat(client.read().status()).isEqualTo(504);
      assertThat(priorities.take()).isEqualTo(2);
      endTheRun();
    }
  }

  /** The connection outlives it, and the late answer goes nowhere. */
  private void endTheRun() throws Exception {
    assertThat(models.openLeases()).isEqualTo(1);
    held.take().run();
    assertThat(observed.take()).isEqualTo("DEADLINE_EXCEEDED");
    try (RawClient client = new RawClient(listener.port())) {
      client.send("GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
    }
    assertThat(models.openLeases()).isZero();
    assertThat(observed).isEmpty();
  }
}
