package io.salver.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.salver.server.client.Http2Client;
import io.salver.server.client.RawClient;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AnswerStreamTest {
  private static final String REQUEST = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n";

  /** An answer that has begun, and where it may be asked. */
  private record Begun(HttpExchange exchange, AnswerStream stream) {
    <T> T onLoop(Supplier<T> action) {
      CompletableFuture<T> result = new CompletableFuture<>();
      exchange.loop().execute(() -> result.complete(action.get()));
      return result.orTimeout(20, TimeUnit.SECONDS).join();
    }

    boolean send(String text) {
      return onLoop(() -> stream.send(buffer(text)));
    }

    boolean isOpen() {
      return onLoop(stream::isOpen);
    }

    void end() {
      onLoop(() -> {
        stream.end();
        return "";
      });
    }

    void awaitEnd() {
      while (isOpen()) {
        Thread.onSpinWait();
      }
    }
  }

  private final BlockingQueue<Begun> begun = new LinkedBlockingQueue<>();
  private final BlockingQueue<HttpExchange> held = new LinkedBlockingQueue<>();
  private final Listener listener = start();

  private Listener start() {
    try {
      return Listener.start(
          ListenerConfig.onLoopback(0).withEventLoops(1), HttpProtocols.plain(this::handle));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void handle(HttpExchange exchange) {
    if (exchange.path().equals("/held")) {
      held.add(exchange);
    } else {
      begun.add(
          new Begun(exchange, exchange.stream(200, "text/event-stream", Map.of("x-more", "1"))));
    }
  }

  private static ByteBuf buffer(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }

  private Begun begun() throws InterruptedException {
    Begun next = begun.poll(20, TimeUnit.SECONDS);
    assertThat(next).as("request that reached the handler").isNotNull();
    return next;
  }

  @AfterEach
  void stop() {
    listener.close();
  }

  @Test
  void http11GetsChunksAndThenTheEndOfTheConnection() throws Exception {
    try (RawClient client = new RawClient(listener.port())) {
      RawClient.Answer head = client.send(REQUEST).readHead();
      assertThat(head.headers())
          .containsEntry("transfer-encoding", "chunked")
          .containsEntry("connection", "close")
          .containsEntry("x-more", "1")
          .doesNotContainKey("content-length");
      Begun answer = begun();
      assertThat(answer.send("0123456789abcdef")).isTrue();
      assertThat(answer.onLoop(() -> answer.stream().send(Unpooled.EMPTY_BUFFER))).isTrue();
      answer.end();
      answer.end();

      assertThat(client.readAll()).asString().isEqualTo("10\r\n0123456789abcdef\r\n0\r\n\r\n");
      assertThat(answer.send("late")).isFalse();
    }
  }

  @Test
  void http10GetsBareBytes() throws Exception {
    try (RawClient client = new RawClient(listener.port())) {
      RawClient.Answer head = client.send("GET /stream HTTP/1.0\r\n\r\n").readHead();
      assertThat(head.headers()).doesNotContainKeys("transfer-encoding", "content-length");
      Begun answer = begun();
      answer.send("one");
      answer.end();

      assertThat(client.readAll()).asString().isEqualTo("one");
    }
  }

  @Test
  void itWaitsForTheAnswersBeforeItAndTakesThePlaceOfThoseBehind() throws Exception {
    try (RawClient client = new RawClient(listener.port())) {
      client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n" + REQUEST + REQUEST);
      HttpExchange first = held.poll(20, TimeUnit.SECONDS);
      Begun answer = begun();
      Begun behind = begun();
      assertThat(answer.send("too early")).isFalse();

      first.loop().execute(() -> first.respond(200, "text/plain", buffer("first")));
      assertThat(client.read().body()).isEqualTo("first");
      assertThat(client.readHead().status()).isEqualTo(200);
      assertThat(answer.send("x")).isTrue();
      assertThat(behind.isOpen()).isFalse();
      answer.end();

      assertThat(client.readAll()).asString().isEqualTo("1\r\nx\r\n0\r\n\r\n");
    }
  }

  @Test
  void oneThatEndsBeforeItsTurnIsStillAnAnswer() throws Exception {
    try (RawClient client = new RawClient(listener.port())) {
      client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n" + REQUEST);
      HttpExchange first = held.poll(20, TimeUnit.SECONDS);
      begun().end();
      first.loop().execute(() -> first.respond(200, "text/plain", buffer("first")));

      assertThat(client.read().body()).isEqualTo("first");
      assertThat(client.readHead().status()).isEqualTo(200);
      assertThat(client.readAll()).asString().isEqualTo("0\r\n\r\n");
    }
  }

  @Test
  void itEndsWhenTheClientGoesAway() throws Exception {
    Begun answer;
    try (RawClient client = new RawClient(listener.port())) {
      client.send(REQUEST).readHead();
      answer = begun();
    }
    answer.awaitEnd();
    assertThat(answer.send("gone")).isFalse();
  }

  @Test
  void nothingPilesUpForAClientThatDoesNotRead() throws Exception {
    String megabyte = "x".repeat(1 << 20);
    try (RawClient client = new RawClient(listener.port())) {
      client.send(REQUEST);
      Begun answer = begun();
      int sent = 0;
      while (answer.send(megabyte)) {
        assertThat(++sent).as("megabytes in the socket's buffers").isLessThan(64);
      }

      assertThat(answer.isOpen()).isTrue();
    }
  }

  @Test
  void drainingEndsItAndDoesNotWaitForIt() throws Exception {
    try (RawClient client = new RawClient(listener.port());
        Http2Client http2 = new Http2Client(listener.port())) {
      client.send(REQUEST).readHead();
      Begun first = begun();
      Http2Client.Stream stream = http2.open(get(), true);
      Begun second = begun();

      assertThat(listener.drain(Duration.ofSeconds(20))).isTrue();

      assertThat(client.readAll()).asString().isEqualTo("0\r\n\r\n");
      assertThat(stream.answer().resetCode()).isEqualTo(-1);
      assertThat(first.stream().isOpen()).isFalse();
      assertThat(second.stream().isOpen()).isFalse();
    }
  }

  private static DefaultHttp2Headers get() {
    DefaultHttp2Headers headers = new DefaultHttp2Headers();
    headers.method("GET").scheme("http").authority("a:1").path("/stream");
    return headers;
  }

  @Test
  void http2GetsDataFrames() throws Exception {
    try (Http2Client client = new Http2Client(listener.port())) {
      Http2Client.Stream stream = client.open(get(), true);
      Begun answer = begun();
      assertThat(answer.send("one ")).isTrue();
      assertThat(answer.send("two")).isTrue();
      answer.end();

      Http2Client.Answer whole = stream.answer();
      assertThat(whole.header(":status")).isEqualTo("200");
      assertThat(whole.header("content-type")).isEqualTo("text/event-stream");
      assertThat(whole.body()).asString().isEqualTo("one two");
      assertThat(whole.resetCode()).isEqualTo(-1);
      assertThat(answer.send("late")).isFalse();
    }
  }

  @Test
  void http2EndsWhenTheClientTakesItBack() throws Exception {
    try (Http2Client client = new Http2Client(listener.port())) {
      Http2Client.Stream stream = client.open(get(), true);
      Begun answer = begun();
      stream.cancel();

      answer.awaitEnd();
      assertThat(answer.send("gone")).isFalse();
    }
  }
}
