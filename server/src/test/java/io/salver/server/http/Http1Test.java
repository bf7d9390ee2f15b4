package io.salver.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.salver.server.client.RawClient;
import io.salver.server.client.RawClient.Answer;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Http1Test {
  private static final int MAX_BODY = 1 << 20;

  private final Echo echo = new Echo();
  private Listener listener = start(HttpLimits.DEFAULT);

  /** Says what it was asked; holds back what it is told to. */
  private static final class Echo implements HttpHandler {
    final AtomicInteger calls = new AtomicInteger();
    final BlockingQueue<HttpExchange> held = new LinkedBlockingQueue<>();

    @Override
    public void handle(HttpExchange exchange) {
      calls.incrementAndGet();
      switch (exchange.path()) {
        case "/held" -> held.add(exchange);
        case "/fails" -> throw new IllegalStateException("as \"told\"");
        case "/foreign" ->
            exchange.respond(
                200, "text/plain", Map.of("x-extra", "1"), Unpooled.copiedBuffer("own", UTF));
        default -> echo(exchange);
      }
    }

    static void echo(HttpExchange exchange) {
      ByteBuf body = exchange.newBody(64);
      body.writeCharSequence(
          exchange.method() + " " + exchange.path() + "?" + exchange.query() + " ", UTF);
      body.writeBytes(exchange.body(), 0, exchange.bodyLength());
      exchange.respond(200, "application/json", body);
    }

    @Override
    public long maxBodyBytes(String method, String path) {
      return MAX_BODY;
    }
  }

  private static final Charset UTF = StandardCharsets.UTF_8;

  private Listener start(HttpLimits limits) {
    try {
      return Listener.start(
          ListenerConfig.onLoopback(0).withEventLoops(1),
          new HttpProtocols(echo, _ -> null, limits));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void restart(Duration readTimeout, Duration idleTimeout) {
    listener.close();
    listener = start(HttpLimits.DEFAULT.withTimeouts(readTimeout, idleTimeout));
  }

  @AfterEach
  void stop() {
    listener.close();
  }

  private RawClient client() throws IOException {
    return new RawClient(listener.port());
  }

  private static String post(String path, String body) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  @Test
  void keepsTheConnectionForTheNextRequest() throws IOException {
    try (RawClient client = client()) {
      assertThat(client.send(post("/a?q=1", "one")).read().body()).isEqualTo("POST /a?q=1 one");
      Answer second = client.send(post("/b", "two")).read();
      assertThat(second.body()).isEqualTo("POST /b? two");
      assertThat(second.headers())
          .containsEntry("content-type", "application/json")
          .containsKey("date")
          .doesNotContainKey("connection");
    }
  }

  @Test
  void answersPipelinedRequestsInOrder() throws Exception {
    try (RawClient client = client()) {
      client.send(post("/held", "") + post("/b", "2") + post("/c", "3"));
      HttpExchange first = echo.held.poll(20, TimeUnit.SECONDS);
      assertThat(first).isNotNull();
      first.loop().execute(() -> Echo.echo(first));
      assertThat(client.read().body()).isEqualTo("POST /held? ");
      assertThat(client.read().body()).isEqualTo("POST /b? 2");
      assertThat(client.read().body()).isEqualTo("POST /c? 3");
    }
  }

  @Test
  void answersManyMorePipelinedRequestsThanItHolds() throws IOException {
    int count = 1000;
    try (RawClient client = client()) {
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                for (int i = 0; i < count; i++) {
                  try {
                    client.send(post("/" + i, ""));
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                }
              });
      for (int i = 0; i < count; i++) {
        assertThat(client.read().body()).isEqualTo("POST /" + i + "? ");
      }
      assertThat(sender.isAlive()).isFalse();
    }
  }

  @Test
  void takesChunkedBodies() throws IOException {
    try (RawClient client = client()) {
      client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      client.send("3\r\nabc\r\n");
      client.send("5;ext=1\r\ndefgh\r\n0\r\nTrailer: x\r\n\r\n");
      assertThat(client.read().body()).isEqualTo("POST /? abcdefgh");
      assertThat(client.send(post("/", "next")).read().body()).isEqualTo("POST /? next");
    }
  }

  @Test
  void takesBodiesThatArriveInRandomPieces() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    StringBuilder body = new StringBuilder();
    random.ints(200_000, 'a', 'z').forEach(c -> body.append((char) c));
    byte[] request = post("/", body.toString()).getBytes(UTF);
    try (RawClient client = client()) {
      for (int start = 0; start < request.length; ) {
        int end = Math.min(request.length, start + 1 + random.nextInt(40_000));
        client.send(Arrays.copyOfRange(request, start, end));
        start = end;
      }
      assertThat(client.read().body()).as("seed %d", seed).isEqualTo("POST /? " + body);
    }
  }

  @Test
  void refusesTooLongABodyBeforeItIsSent() throws IOException {
    try (RawClient client = client()) {
      client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000000\r\n\r\n");
      Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.body())
          .isEqualTo("{\"error\": \"request body: 5000000000 bytes (expected: at most 1048576)\"}");
      assertThat(answer.headers()).containsEntry("connection", "close");
      assertThat(client.isClosedByServer()).isTrue();
    }
    assertThat(echo.calls).hasValue(0);
  }

  @Test
  void refusesTooLongAChunkedBodyWhileItArrives() throws IOException {
    try (RawClient client = client()) {
      client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      client.send("110000\r\n").send("a".repeat(0x110000));
      assertThat(client.read().status()).isEqualTo(413);
    }
  }

  @Test
  void refusesABodyThatBecomesTooLongWhenDecompressed() throws IOException {
    byte[] bomb = gzip(new byte[20 << 20]);
    try (RawClient client = client()) {
      client.send(gzipHead(bomb.length)).send(bomb);
      Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.body()).contains("more than 1048576 decompressed");
    }
  }

  @Test
  void decompressesGzip() throws IOException {
    byte[] body = gzip("{\"instances\": [1]}".getBytes(UTF));
    try (RawClient client = client()) {
      assertThat(client.send(gzipHead(body.length)).send(body).read().body())
          .isEqualTo("POST /? {\"instances\": [1]}");
    }
  }

  @Test
  void refusesWhatSaysItIsGzipAndIsNot() throws IOException {
    try (RawClient client = client()) {
      Answer answer = client.send(gzipHead(3) + "abc").read();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("not gzip");
    }
  }

  private static String gzipHead(int length) {
    return "POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
      out.write(bytes);
    }
    return compressed.toByteArray();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET / HTTP/1.1|400|host header",
        "GET / HTTP/1.1\\nHost: a\\nHost: b|400|host header",
        "GET / HTTP/3.0\\nHost: a|505|HTTP/3.0",
        "GARBAGE|400|malformed request",
        "GET / HTTP/1.1\\nHost: a\\nno colon here|400|malformed request",
        "POST / HTTP/1.1\\nHost: a\\nContent-Length: -5|400|",
        "POST / HTTP/1.1\\nHost: a\\nContent-Length: ten|400|",
        "POST / HTTP/1.1\\nHost: a\\nContent-Length: 3\\nContent-Length: 4|400|",
        "POST / HTTP/1.1\\nHost: a\\nTransfer-Encoding: gzip, chunked|501|gzip, chunked",
        "POST / HTTP/1.1\\nHost: a\\nContent-Encoding: br\\nContent-Length: 1|415|br (expected",
        "POST / HTTP/1.1\\nHost: a\\nExpect: miracles\\nContent-Length: 1|417|miracles"
      })
  void refusesBadHeads(String head, int status, String message) throws IOException {
    try (RawClient client = client()) {
      Answer answer = client.send(head.replace("\\n", "\r\n") + "\r\n\r\n").read();
      assertThat(answer.status()).as(answer.body()).isEqualTo(status);
      assertThat(answer.body()).startsWith("{\"error\": \"").endsWith("\"}");
      assertThat(answer.body()).contains(message == null ? "" : message);
      assertThat(client.isClosedByServer()).isTrue();
    }
    assertThat(echo.calls).hasValue(0);
  }

  @Test
  void refusesHeadsThatAreTooLong() throws IOException {
    try (RawClient client = client()) {
      client.send("GET /" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(414);
    }
    try (RawClient client = client()) {
      client.send("GET / HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(20_000) + "\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(431);
    }
  }

  @Test
  void refusesABrokenChunk() throws IOException {
    try (RawClient client = client()) {
      client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n");
      assertThat(client.read().status()).isEqualTo(400);
    }
    assertThat(echo.calls).hasValue(0);
  }

  @Test
  void answersProblemsAfterWhatWasAskedBefore() throws Exception {
    try (RawClient client = client()) {
      client.send(post("/held", "") + "GARBAGE\r\n\r\n");
      HttpExchange first = echo.held.poll(20, TimeUnit.SECONDS);
      assertThat(first).isNotNull();
      first.loop().execute(() -> Echo.echo(first));
      assertThat(client.read().status()).isEqualTo(200);
      assertThat(client.read().status()).isEqualTo(400);
    }
  }

  @Test
  void tellsTheClientToContinue() throws IOException {
    try (RawClient client = client()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(100);
      assertThat(client.send("ok").read().body()).isEqualTo("POST /? ok");
    }
  }

  @Test
  void doesNotTellTheClientToContinueWithTooMuch() throws IOException {
    try (RawClient client = client()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(413);
    }
  }

  @Test
  void answersHeadWithoutABody() throws IOException {
    try (RawClient client = client()) {
      client.send("HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\n" + post("/next", ""));
      assertThat(client.readHead().headers()).containsEntry("content-length", "11");
      assertThat(client.read().body()).isEqualTo("POST /next? ");
    }
  }

  @Test
  void closesWhenTheClientWantsThat() throws IOException {
    try (RawClient client = client()) {
      Answer answer = client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").read();
      assertThat(answer.headers()).containsEntry("connection", "close");
      assertThat(client.isClosedByServer()).isTrue();
    }
    try (RawClient client = client()) {
      client.send("GET / HTTP/1.0\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void keepsHttp10AliveWhenAsked() throws IOException {
    try (RawClient client = client()) {
      String request = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
      assertThat(client.send(request).read().headers()).containsEntry("connection", "keep-alive");
      assertThat(client.send(request).read().status()).isEqualTo(200);
    }
  }

  @Test
  void answersWithForeignBuffersAndMoreHeaders() throws IOException {
    try (RawClient client = client()) {
      Answer answer = client.send(post("/foreign", "")).read();
      assertThat(answer.body()).isEqualTo("own");
      assertThat(answer.headers()).containsEntry("x-extra", "1");
    }
  }

  @Test
  void answersAHandlersFailureAndLives() throws IOException {
    try (RawClient client = client()) {
      Answer answer = client.send(post("/fails", "")).read();
      assertThat(answer.status()).isEqualTo(500);
      assertThat(answer.body()).contains("as \\\"told\\\"");
      assertThat(client.send(post("/", "")).read().status()).isEqualTo(200);
    }
  }

  @Test
  void tellsTheHandlerThatTheClientIsGone() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    RawClient client = client();
    client.send(post("/held", "kept"));
    HttpExchange exchange = echo.held.poll(20, TimeUnit.SECONDS);
    assertThat(exchange).isNotNull();
    exchange.loop().execute(() -> exchange.onAbandoned(gone::countDown));
    client.close();
    assertThat(gone.await(20, TimeUnit.SECONDS)).isTrue();
    CountDownLatch answered = new CountDownLatch(1);
    exchange
        .loop()
        .execute(() -> {
          Echo.echo(exchange);
          answered.countDown();
        });
    assertThat(answered.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void endsTheConnectionOfAClientThatIsTooSlowWithTheHead() throws IOException {
    restart(Duration.ofMillis(100), Duration.ofMinutes(5));
    try (RawClient client = client()) {
      client.send("POST / HTTP/1.1\r\nHo");
      assertThat(client.read().status()).isEqualTo(408);
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void endsTheConnectionOfAClientThatIsTooSlowWithTheBody() throws IOException {
    restart(Duration.ofMillis(100), Duration.ofMinutes(5));
    try (RawClient client = client()) {
      client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345");
      assertThat(client.read().status()).isEqualTo(408);
      assertThat(client.isClosedByServer()).isTrue();
    }
    assertThat(echo.calls).hasValue(0);
  }

  @Test
  void closesConnectionsThatSayNothingOrNothingMore() throws IOException {
    restart(Duration.ofMillis(50), Duration.ofMillis(100));
    try (RawClient silent = client();
        RawClient idle = client()) {
      assertThat(idle.send(post("/", "")).read().status()).isEqualTo(200);
      assertThat(silent.isClosedByServer()).isTrue();
      assertThat(idle.isClosedByServer()).isTrue();
    }
  }

  @Test
  void closesHttp2ConnectionsWithoutStreams() throws IOException {
    restart(Duration.ofMillis(50), Duration.ofMillis(100));
    try (RawClient client = client()) {
      byte[] emptySettings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
      client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(emptySettings);
      assertThat(client.readAll()).isNotEmpty();
    }
  }

  @Test
  void closesOnAClientThatNeverReadsItsLastAnswer() throws Exception {
    restart(Duration.ofMillis(100), Duration.ofMinutes(5));
    try (RawClient client = client()) {
      client.send("GET /held HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      HttpExchange exchange = echo.held.poll(20, TimeUnit.SECONDS);
      assertThat(exchange).isNotNull();
      ByteBuf tooMuch = Unpooled.directBuffer(64 << 20).writeZero(64 << 20);
      exchange.loop().execute(() -> exchange.respond(200, "text/plain", tooMuch));
      long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (listener.openConnections() > 0 && System.nanoTime() - endNs < 0) {
        Thread.onSpinWait();
      }
      assertThat(listener.openConnections()).isZero();
    }
  }

  @Test
  void servesTheJdksClientThatOffersAnUpgrade() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> response =
            client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + "/p?q"))
                    .POST(HttpRequest.BodyPublishers.ofString("body" + i))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.body()).isEqualTo("POST /p?q body" + i);
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
      }
    }
  }
}
