package io.salver.server.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.ByteBuf;
import io.salver.server.access.AccessControl;
import io.salver.server.access.AccessSettings;
import io.salver.server.access.AccessSettings.KeyHolder;
import io.salver.server.access.AccessTable;
import io.salver.server.access.ApiKey;
import io.salver.server.access.FailureLimits;
import io.salver.server.access.Limits;
import io.salver.server.access.Role;
import io.salver.server.client.RawClient;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.grpc.GrpcService;
import io.salver.server.grpc.StreamCall;
import io.salver.server.grpc.StreamListener;
import io.salver.server.grpc.UnaryCall;
import io.salver.server.http.HttpExchange;
import io.salver.server.http.HttpLimits;
import io.salver.server.http.HttpProtocols;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Access over the wire, by clients that others wrote. */
@Timeout(60)
final class GuardTest {
  private static final String PREDICT = "tensorflow.serving.PredictionService/Predict";
  private static final String STREAM = "inference.GRPCInferenceService/ModelStreamInfer";
  private static final String RELOAD = "tensorflow.serving.ModelService/HandleReloadConfigRequest";
  private static final String JSON = "application/json";

  private static final ApiKey.Created APP = ApiKey.create(new SecureRandom());
  private static final ApiKey.Created SLOW = ApiKey.create(new SecureRandom());
  private static final ApiKey.Created OPS = ApiKey.create(new SecureRandom());

  private final HttpClient client = HttpClient.newHttpClient();
  private Listener listener;
  private ManagedChannel channel;

  private void start(AccessSettings settings) throws IOException {
    AccessTable table = new AccessTable("/metrics");
    AccessControl access = new AccessControl(settings, System::nanoTime, InstantSource.system());
    GrpcService grpc =
        new GrpcService(
            List.of(
                new GrpcMethod.Unary(PREDICT, GuardTest::name),
                new GrpcMethod.Unary(RELOAD, GuardTest::name),
                new GrpcMethod.Streaming(STREAM, Names::new)),
            new GuardedCalls(table, access),
            1 << 20);
    listener =
        Listener.start(
            ListenerConfig.onLoopback(0).withEventLoops(1),
            new HttpProtocols(
                new GuardedHandler(
                    GuardTest::name, table, access, new BrowserRules(Set.of("ops.example.org"))),
                grpc,
                HttpLimits.DEFAULT));
    channel = NettyChannelBuilder.forAddress("127.0.0.1", listener.port()).usePlaintext().build();
  }

  private void startWithKeys() throws IOException {
    start(
        new AccessSettings(
            false,
            Set.of(),
            List.of(
                new KeyHolder("app", APP.stored(), Set.of(Role.PREDICT), Limits.NONE),
                new KeyHolder("slow", SLOW.stored(), Set.of(Role.PREDICT), new Limits(0.01, 2, 0)),
                new KeyHolder("ops", OPS.stored(), Set.of(Role.ADMIN), Limits.NONE)),
            List.of(),
            Optional.empty(),
            FailureLimits.DEFAULT));
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    listener.close();
    client.close();
  }

  /** Answers with who asks. */
  private static void name(HttpExchange exchange) {
    if (exchange.query().equals("fail")) {
      throw new IllegalStateException("as the test wants");
    }
    byte[] name = exchange.principal().name().getBytes(StandardCharsets.UTF_8);
    exchange.respond(200, "text/plain", exchange.newBody(name.length).writeBytes(name));
  }

  private static void name(UnaryCall call, ByteBuf message) {
    byte[] name = call.principal().name().getBytes(StandardCharsets.UTF_8);
    call.reply(call.newMessage(name.length).writeBytes(name));
  }

  /** Answers each message with who calls. */
  private record Names(StreamCall call) implements StreamListener {
    Names {
      call.request(1);
    }

    @Override
    public void onMessage(ByteBuf message) {
      byte[] name = call.principal().name().getBytes(StandardCharsets.UTF_8);
      call.send(call.newMessage(name.length).writeBytes(name));
      call.request(1);
    }

    @Override
    public void onHalfClose() {
      call.close();
    }
  }

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + path))
            .method(method, BodyPublishers.ofString(body));
    return client.send(
        (headers.length == 0 ? request : request.headers(headers)).build(),
        BodyHandlers.ofString());
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    return MethodDescriptor.newBuilder(BYTES, BYTES).setType(type).setFullMethodName(name).build();
  }

  private static Metadata metadata(String name, String value) {
    Metadata metadata = new Metadata();
    metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    return metadata;
  }

  /** Who was admitted, or the status. */
  private String call(String name, Metadata metadata) {
    try {
      return new String(
          ClientCalls.blockingUnaryCall(
              ClientInterceptors.intercept(
                  channel, MetadataUtils.newAttachHeadersInterceptor(metadata)),
              method(name, MethodType.UNARY),
              CallOptions.DEFAULT,
              new byte[] {1}),
          StandardCharsets.UTF_8);
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode() + " " + e.getStatus().getDescription();
    }
  }

  @Test
  void aRequestIsMadeOnBehalfOfWhoeverShowsAKey() throws Exception {
    startWithKeys();
    String bearer = "Bearer " + APP.text();
    assertThat(send("POST", "/v1/models/m:predict", "{}", "authorization", bearer).body())
        .isEqualTo("app");
    assertThat(call(PREDICT, metadata("authorization", bearer))).isEqualTo("app");
    assertThat(call(PREDICT, metadata("salver-api-key", APP.text()))).isEqualTo("app");
    assertThat(call(RELOAD, metadata("salver-api-key", OPS.text()))).isEqualTo("ops");
  }

  @Test
  void whoShowsNothingIsToldWhatIsNeeded() throws Exception {
    startWithKeys();
    HttpResponse<String> response = send("POST", "/v1/models/m:predict", "{}");
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(header(response, "www-authenticate")).isEqualTo("Bearer realm=\"salver\"");
    assertThat(header(response, "content-type")).isEqualTo(JSON);
    assertThat(response.body())
        .isEqualTo("{\"error\":\"credentials: none (expected: those of the role predict)\"}");
    assertThat(call(PREDICT, new Metadata()))
        .isEqualTo("UNAUTHENTICATED credentials: none (expected: those of the role predict)");
    assertThat(send("GET", "/healthz", "").statusCode()).isEqualTo(200);
    assertThat(send("GET", "/nothing", "").statusCode()).isEqualTo(401);
  }

  @Test
  void whatIsWrongWithCredentialsIsNotSaid() throws Exception {
    startWithKeys();
    String wrong = "Bearer " + APP.text() + "x";
    HttpResponse<String> response =
        send("POST", "/v1/models/m:predict", "{}", "authorization", wrong);
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(header(response, "www-authenticate"))
        .isEqualTo("Bearer realm=\"salver\", error=\"invalid_token\"");
    assertThat(response.body())
        .isEqualTo(
            "{\"error\":\"credentials: not accepted (expected: those of the role predict)\"}");
    assertThat(call(PREDICT, metadata("authorization", wrong)))
        .isEqualTo(
            "UNAUTHENTICATED credentials: not accepted (expected: those of the role predict)");
  }

  @Test
  void aRoleThatDoesNotSufficeIsForbidden() throws Exception {
    startWithKeys();
    HttpResponse<String> response = send("GET", "/metrics", "", "salver-api-key", APP.text());
    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(response.body())
        .isEqualTo("{\"error\":\"role: app (predict) (expected: the role observe)\"}");
    assertThat(call(RELOAD, metadata("salver-api-key", APP.text())))
        .isEqualTo("PERMISSION_DENIED role: app (predict) (expected: the role admin)");
  }

  @Test
  void whoIsTooFastIsToldWhenToComeBack() throws Exception {
    startWithKeys();
    for (int i = 0; i < 2; i++) {
      assertThat(
              send("POST", "/v1/models/m:predict", "{}", "salver-api-key", SLOW.text())
                  .statusCode())
          .isEqualTo(200);
    }
    HttpResponse<String> response =
        send("POST", "/v1/models/m:predict", "{}", "salver-api-key", SLOW.text());
    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(Integer.parseInt(header(response, "retry-after"))).isBetween(1, 100);
    assertThat(response.body()).contains("requests of slow: more than 0.01 per second");
    assertThat(call(PREDICT, metadata("salver-api-key", SLOW.text())))
        .startsWith("RESOURCE_EXHAUSTED requests of slow: more than 0.01 per second");
  }

  @Test
  void eachMessageOfAStreamCounts() throws Exception {
    startWithKeys();
    Iterator<byte[]> answers = stream(SLOW, 5);
    assertThat(answers.next()).asString().isEqualTo("slow");
    assertThat(answers.next()).asString().isEqualTo("slow");
    try {
      answers.next();
      throw new AssertionError("a third message was answered");
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getDescription()).startsWith("requests of slow: more than 0.01");
      assertThat(
              e.getTrailers()
                  .get(Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER)))
          .isNotEmpty();
    }
    Iterator<byte[]> all = stream(APP, 5);
    assertThat(Stream.generate(() -> all.hasNext() ? all.next() : null).takeWhile(x -> x != null))
        .hasSize(5);
  }

  private Iterator<byte[]> stream(ApiKey.Created key, int messages) {
    ClientCall<byte[], byte[]> call =
        ClientInterceptors.intercept(
                channel,
                MetadataUtils.newAttachHeadersInterceptor(metadata("salver-api-key", key.text())))
            .newCall(method(STREAM, MethodType.BIDI_STREAMING), CallOptions.DEFAULT);
    BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(
            call,
            new StreamObserver<>() {
              @Override
              public void onNext(byte[] value) {
                events.add(value);
              }

              @Override
              public void onError(Throwable t) {
                events.add(t);
              }

              @Override
              public void onCompleted() {
                events.add("end");
              }
            });
    for (int i = 0; i < messages; i++) {
      requests.onNext(new byte[] {1});
    }
    requests.onCompleted();
    return new Events(events);
  }

  private static final class Events implements Iterator<byte[]> {
    private final BlockingQueue<Object> events;
    private Object next;

    Events(BlockingQueue<Object> events) {
      this.events = events;
    }

    private Object peek() {
      if (next == null) {
        try {
          next = events.take();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      return next;
    }

    @Override
    public boolean hasNext() {
      return !peek().equals("end");
    }

    @Override
    public byte[] next() {
      Object event = peek();
      next = null;
      if (event instanceof StatusRuntimeException failure) {
        throw failure;
      }
      return (byte[]) event;
    }
  }

  @Test
  void aHandlerThatThrowsIsAnsweredAsABug() throws Exception {
    start(AccessSettings.OPEN);
    HttpResponse<String> response = send("POST", "/v1/models/m:predict?fail", "{}");
    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body()).contains("internal error: ").contains("as the test wants");
  }

  @Test
  void answersOfControlCarryWhatBrowsersNeed() throws Exception {
    start(AccessSettings.OPEN);
    for (String path : List.of("/", "/v1/endpoints", "/v1/activity")) {
      HttpResponse<String> response = send("GET", path, "");
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(header(response, "x-content-type-options")).isEqualTo("nosniff");
      assertThat(header(response, "x-frame-options")).isEqualTo("DENY");
      assertThat(header(response, "content-security-policy"))
          .contains("default-src 'self'")
          .contains("frame-ancestors 'none'");
      assertThat(header(response, "referrer-policy")).isEqualTo("no-referrer");
      assertThat(header(response, "cache-control")).isEqualTo("no-store");
      assertThat(header(response, "access-control-allow-origin")).isEmpty();
    }
    assertThat(header(send("POST", "/v1/models/m:predict", "{}"), "x-frame-options")).isEmpty();
  }

  @Test
  void pagesOfOtherSitesChangeNothing() throws Exception {
    start(AccessSettings.OPEN);
    String own = "http://127.0.0.1:" + listener.port();
    for (String path : List.of("/v1/endpoints/e:promote", "/v2/repository/models/m/load")) {
      String[][] foreign = {
        {"sec-fetch-site", "cross-site"},
        {"sec-fetch-site", "same-site"},
        {"origin", "http://evil.example"},
        {"origin", "null"},
        {"origin", "http://127.0.0.1:1"},
      };
      for (String[] headers : foreign) {
        assertThat(send("POST", path, "", headers).statusCode())
            .as(path + " " + String.join(": ", headers))
            .isEqualTo(403);
      }
      assertThat(send("POST", path, "").statusCode()).isEqualTo(200);
      assertThat(send("POST", path, "", "origin", own).statusCode()).isEqualTo(200);
      assertThat(send("POST", path, "", "sec-fetch-site", "same-origin").statusCode())
          .isEqualTo(200);
    }
    assertThat(send("GET", "/v1/endpoints", "", "sec-fetch-site", "cross-site").statusCode())
        .as("a link to it")
        .isEqualTo(200);
  }

  @Test
  void aChangeOfControlIsJson() throws Exception {
    start(AccessSettings.OPEN);
    assertThat(send("PUT", "/v1/endpoints/e", "{}", "content-type", "text/plain").statusCode())
        .isEqualTo(415);
    assertThat(send("PUT", "/v1/endpoints/e", "{}").statusCode()).isEqualTo(415);
    assertThat(
            send("PUT", "/v1/endpoints/e", "{}", "content-type", "Application/JSON; charset=utf-8")
                .statusCode())
        .isEqualTo(200);
    assertThat(send("POST", "/v2/repository/models/m/load", "{}").statusCode()).isEqualTo(200);
  }

  @Test
  void aNameThatWasMadeToPointHereOpensNoControl() throws Exception {
    start(AccessSettings.OPEN);
    assertThat(status("GET /v1/endpoints", "rebound.example:8501")).isEqualTo(421);
    assertThat(status("GET /v1/endpoints", "localhost.evil.example")).isEqualTo(421);
    assertThat(status("GET /v1/endpoints", "LOCALHOST:8501")).isEqualTo(200);
    assertThat(status("GET /v1/endpoints", "[::1]:8501")).isEqualTo(200);
    assertThat(status("GET /v1/endpoints", "ops.example.org")).isEqualTo(200);
    assertThat(status("POST /v1/models/m:predict", "rebound.example")).isEqualTo(200);
  }

  @Test
  void aKeyOpensControlByAnyName() throws Exception {
    startWithKeys();
    assertThat(status("DELETE /v1/endpoints/e", "ops.internal\r\nsalver-api-key: " + OPS.text()))
        .isEqualTo(200);
  }

  private int status(String request, String host) throws IOException {
    try (RawClient raw = new RawClient(listener.port())) {
      raw.send(request + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 0\r\n\r\n");
      return raw.read().status();
    }
  }
}
