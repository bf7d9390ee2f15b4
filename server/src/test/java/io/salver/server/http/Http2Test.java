package io.salver.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.salver.server.client.Http2Client;
import io.salver.server.client.Http2Client.Answer;
import io.salver.server.client.RawClient;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class Http2Test {
  private static final int MAX_BODY = 100_000;

  private final BlockingQueue<HttpExchange> held = new LinkedBlockingQueue<>();
  private Listener listener = start(HttpLimits.DEFAULT);

  private Listener start(HttpLimits limits) {
    try {
      return Listener.start(
          ListenerConfig.onLoopback(0).withEventLoops(1),
          new HttpProtocols(new Echo(), _ -> null, limits));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private final class Echo implements HttpHandler {
    @Override
    public void handle(HttpExchange exchange) {
      if (exchange.path().equals("/held")) {
        held.add(exchange);
      } else {
        echo(exchange);
      }
    }

    @Override
    public long maxBodyBytes(String method, String path) {
      return MAX_BODY;
    }
  }

  private static void echo(HttpExchange exchange) {
    ByteBuf body = exchange.newBody(64);
    body.writeCharSequence(
        exchange.method() + " " + exchange.path() + " " + exchange.header("host") + " ",
        StandardCharsets.UTF_8);
    body.writeBytes(exchange.body(), 0, exchange.bodyLength());
    exchange.respond(200, "text/plain", body);
  }

  @AfterEach
  void stop() {
    listener.close();
  }

  private static Http2Headers post(String path) {
    return new DefaultHttp2Headers().method("POST").scheme("http").authority("a:1").path(path);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Answer answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  @Test
  void servesPlainRequestsOnOneConnection() {
    try (Http2Client client = new Http2Client(listener.port())) {
      Answer answer = client.call(post("/p?q"), bytes("body"));
      assertThat(answer.header(":status")).isEqualTo("200");
      assertThat(answer.header("content-type")).isEqualTo("text/plain");
      assertThat(text(answer)).isEqualTo("POST /p a:1 body");
      assertThat(answer.header("content-length")).isEqualTo("16");
      assertThat(text(client.open(post("/get"), true).answer())).isEqualTo("POST /get a:1 ");
    }
  }

  @Test
  void answersStreamsInWhateverOrderTheyAreReady() throws Exception {
    try (Http2Client client = new Http2Client(listener.port())) {
      Http2Client.Stream first = client.open(post("/held"), true);
      assertThat(text(client.call(post("/b"), bytes("2")))).isEqualTo("POST /b a:1 2");
      HttpExchange exchange = held.poll(20, TimeUnit.SECONDS);
      assertThat(exchange).isNotNull();
      exchange.loop().execute(() -> echo(exchange));
      assertThat(text(first.answer())).isEqualTo("POST /held a:1 ");
    }
  }

  @Test
  void refusesTooLongABodyBeforeItIsSent() {
    try (Http2Client client = new Http2Client(listener.port())) {
      Answer answer = client.open(post("/").add("content-length", "100001"), false).answer();
      assertThat(answer.header(":status")).isEqualTo("413");
      assertThat(text(answer)).contains("100001 bytes (expected: at most 100000)");
      assertThat(text(client.call(post("/b"), bytes("2")))).isEqualTo("POST /b a:1 2");
    }
  }

  @Test
  void refusesTooLongABodyWhileItArrives() {
    try (Http2Client client = new Http2Client(listener.port())) {
      Answer answer = client.call(post("/"), new byte[200_000]);
      assertThat(answer.header(":status")).isEqualTo("413");
    }
  }

  @Test
  void refusesHeadersThatAreTooLong() {
    try (Http2Client client = new Http2Client(listener.port())) {
      Answer answer = client.open(post("/").add("x", "a".repeat(17_000)), true).answer();
      assertThat(answer.header(":status").equals("431") || answer.resetCode() >= 0).isTrue();
    }
  }

  @Test
  void refusesAClientThatIsTooSlowWithTheBody() {
    listener.close();
    listener =
        start(HttpLimits.DEFAULT.withTimeouts(Duration.ofMillis(100), Duration.ofMinutes(1)));
    try (Http2Client client = new Http2Client(listener.port())) {
      Answer answer = client.open(post("/"), false).send(bytes("some"), false).answer();
      assertThat(answer.header(":status")).isEqualTo("408");
    }
  }

  @Test
  void tellsTheHandlerThatTheClientHasCancelled() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    try (Http2Client client = new Http2Client(listener.port())) {
      Http2Client.Stream stream = client.open(post("/held"), true);
      HttpExchange exchange = held.poll(20, TimeUnit.SECONDS);
      assertThat(exchange).isNotNull();
      exchange
          .loop()
          .execute(() -> {
            exchange.onAbandoned(gone::countDown);
          });
      stream.cancel();
      assertThat(gone.await(20, TimeUnit.SECONDS)).isTrue();
      exchange.loop().execute(() -> echo(exchange));
      assertThat(text(client.call(post("/b"), bytes("2")))).isEqualTo("POST /b a:1 2");
    }
  }

  @Test
  void limitsConcurrentStreams() throws Exception {
    listener.close();
    listener = start(HttpLimits.DEFAULT.withMaxConcurrentStreams(2));
    try (Http2Client client = new Http2Client(listener.port())) {
      text(client.call(post("/settings-are-here"), bytes("")));
      client.open(post("/held"), true);
      client.open(post("/held"), true);
      assertThat(held.poll(20, TimeUnit.SECONDS)).isNotNull();
      assertThat(held.poll(20, TimeUnit.SECONDS)).isNotNull();
      assertThat(client.open(post("/b"), true).answer().headers()).isEmpty();
    }
  }

  @Test
  void endsAConnectionThatResetsTooManyStreams() {
    try (Http2Client client = new Http2Client(listener.port())) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 10_000; i++) {
                  client.open(post("/held"), true).cancel();
                }
              })
          .isInstanceOf(Exception.class);
      client.awaitClosed();
    }
  }

  @Test
  void endsAConnectionThatSendsNonsenseAfterThePreface() throws IOException {
    try (RawClient client = new RawClient(listener.port())) {
      client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "nonsense that is no frame at all");
      byte[] rest = client.readAll();
      assertThat(rest).isNotEmpty();
    }
    try (RawClient client = new RawClient(listener.port())) {
      client.send("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n");
      assertThat(client.read().status()).isIn(400, 505);
    }
  }

  @Test
  void servesHttp1AndHttp2OnTheSamePort() throws IOException {
    try (RawClient one = new RawClient(listener.port());
        Http2Client two = new Http2Client(listener.port())) {
      one.send("POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
      assertThat(one.read().body()).isEqualTo("POST /1 h ");
      assertThat(text(two.call(post("/2"), bytes("x")))).isEqualTo("POST /2 a:1 x");
    }
  }
}
