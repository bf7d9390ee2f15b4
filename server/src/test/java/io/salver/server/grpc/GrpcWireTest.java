package io.salver.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.client.Http2Client;
import io.salver.server.client.Http2Client.Answer;
import io.salver.server.http.HttpExchange;
import io.salver.server.http.HttpLimits;
import io.salver.server.http.HttpProtocols;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GrpcWireTest {
  private static final int MAX_MESSAGE = 100_000;
  private static final String ECHO = "/t.S/Echo";
  private static final String HELD = "/t.S/Held";
  private static final String FAIL = "/t.S/Fail";
  private static final String STREAM = "/t.S/Stream";

  private final BlockingQueue<UnaryCall> held = new LinkedBlockingQueue<>();
  private final BlockingQueue<Patient> patients = new LinkedBlockingQueue<>();
  private Listener listener;
  private Http2Client client;

  @BeforeEach
  void start() throws IOException {
    start(HttpLimits.DEFAULT);
  }

  private void start(HttpLimits limits) throws IOException {
    GrpcService service =
        new GrpcService(
            List.of(
                new GrpcMethod.Unary("t.S/Echo", GrpcWireTest::echo),
                new GrpcMethod.Unary("t.S/Held", (call, _) -> held.add(call)),
                new GrpcMethod.Unary("t.S/Fail", GrpcWireTest::fail),
                new GrpcMethod.Streaming("t.S/Stream", EchoStream::new),
                new GrpcMethod.Streaming("t.S/Flood", Flood::new),
                new GrpcMethod.Streaming("t.S/Patient", this::hold)),
            MAX_MESSAGE);
    listener =
        Listener.start(
            ListenerConfig.onLoopback(0).withEventLoops(1),
            new HttpProtocols(GrpcWireTest::notFound, service, limits));
    client = new Http2Client(listener.port());
  }

  @AfterEach
  void stop() {
    client.close();
    listener.close();
  }

  private static void notFound(HttpExchange exchange) {
    exchange.respond(404, "text/plain", exchange.newBody(0));
  }

  private static void echo(UnaryCall call, ByteBuf message) {
    call.compressReplies(call.isMessageCompressed());
    call.reply(call.newMessage(message.readableBytes()).writeBytes(message));
  }

  private static void fail(UnaryCall call, ByteBuf message) {
    String text = message.toString(StandardCharsets.UTF_8);
    if (text.equals("bug")) {
      throw new IllegalStateException("a bug");
    }
    throw new ServingException(Category.NOT_FOUND, text);
  }

  /** Sends each message back and asks for one more. */
  private record EchoStream(StreamCall call) implements StreamListener {
    EchoStream {
      call.request(1);
    }

    @Override
    public void onMessage(ByteBuf message) {
      call.send(call.newMessage(message.readableBytes()).writeBytes(message));
      call.request(1);
    }

    @Override
    public void onHalfClose() {
      call.close();
    }
  }

  /** Sends as much as it is told to, and never more ahead than it may. */
  private static final class Flood implements StreamListener {
    static final int MESSAGE = 10_000;

    private final StreamCall call;
    private int left;
    private boolean asked;

    Flood(StreamCall call) {
      this.call = call;
      call.request(1);
    }

    @Override
    public void onMessage(ByteBuf message) {
      left = Integer.parseInt(message.toString(StandardCharsets.UTF_8));
      asked = true;
      onReady();
    }

    @Override
    public void onReady() {
      while (call.isReady() && left > 0) {
        left--;
        call.send(call.newMessage(MESSAGE).writeZero(MESSAGE));
      }
      if (left == 0 && asked) {
        asked = false;
        call.close();
      }
    }

    @Override
    public void onHalfClose() {}
  }

  /** Takes messages only as the test asks for them. */
  private final class Patient implements StreamListener {
    private final StreamCall call;
    final BlockingQueue<String> messages = new LinkedBlockingQueue<>();

    Patient(StreamCall call) {
      this.call = call;
    }

    void ask(int count) {
      call.loop().execute(() -> call.request(count));
    }

    String next() throws InterruptedException {
      return messages.poll(20, TimeUnit.SECONDS);
    }

    @Override
    public void onMessage(ByteBuf message) {
      messages.add(message.toString(StandardCharsets.UTF_8));
    }

    @Override
    public void onHalfClose() {
      messages.add("end");
      call.close();
    }

    @Override
    public void onCancel() {
      messages.add("cancelled");
    }
  }

  private StreamListener hold(StreamCall call) {
    Patient patient = new Patient(call);
    patients.add(patient);
    return patient;
  }

  private static void assertStatus(Answer answer, GrpcStatus status, String message) {
    assertThat(answer.header(":status")).isEqualTo("200");
    assertThat(answer.header("content-type")).isEqualTo("application/grpc");
    assertThat(answer.header("grpc-status"))
        .as(answer.header("grpc-message"))
        .isEqualTo(Integer.toString(status.code()));
    assertThat(answer.header("grpc-message")).contains(message);
  }

  private void assertAlive() {
    Answer answer = client.call(Http2Client.grpc(ECHO), Http2Client.frame("alive"));
    assertThat(answer.messages()).containsExactly("alive");
  }

  @Test
  void answersAUnaryCall() {
    Answer answer = client.call(Http2Client.grpc(ECHO), Http2Client.frame("hello"));
    assertStatus(answer, GrpcStatus.OK, "");
    assertThat(answer.messages()).containsExactly("hello");
  }

  @Test
  void putsMessagesTogetherFromRandomPieces() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String message = "x".repeat(random.nextInt(MAX_MESSAGE));
    byte[] frames = frames(message, "", "end");
    Http2Client.Stream stream = client.open(Http2Client.grpc(STREAM), false);
    for (int start = 0; start < frames.length; ) {
      int end = Math.min(frames.length, start + 1 + random.nextInt(9000));
      stream.send(Arrays.copyOfRange(frames, start, end), end == frames.length);
      start = end;
    }
    assertThat(stream.answer().messages()).as("seed %d", seed).containsExactly(message, "", "end");
  }

  private static byte[] frames(String... messages) {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (String message : messages) {
      frames.writeBytes(Http2Client.frame(message));
    }
    return frames.toByteArray();
  }

  @Test
  void saysWhichMethodIsUnknown() {
    Answer answer = client.call(Http2Client.grpc("/t.S/None"), Http2Client.frame("x"));
    assertStatus(answer, GrpcStatus.UNIMPLEMENTED, "unknown method: /t.S/None");
    assertAlive();
  }

  @Test
  void answersBeforeTheRequestIsComplete() {
    Http2Client.Stream stream = client.open(Http2Client.grpc("/t.S/None"), false);
    assertStatus(stream.answer(), GrpcStatus.UNIMPLEMENTED, "unknown method");
    assertAlive();
  }

  @Test
  void carriesTheHandlersFailure() {
    Answer answer = client.call(Http2Client.grpc(FAIL), Http2Client.frame("no 100% \u00e9\n"));
    assertStatus(answer, GrpcStatus.NOT_FOUND, "no 100%25 %C3%A9%0A");
    answer = client.call(Http2Client.grpc(FAIL), Http2Client.frame("bug"));
    assertStatus(answer, GrpcStatus.INTERNAL, "a bug");
    assertAlive();
  }

  @Test
  void refusesAMessageThatIsAnnouncedTooLongBeforeItComes() {
    byte[] prefix = ByteBuffer.allocate(5).put((byte) 0).putInt(-1).array();
    Http2Client.Stream stream = client.open(Http2Client.grpc(ECHO), false).send(prefix, false);
    assertStatus(
        stream.answer(),
        GrpcStatus.RESOURCE_EXHAUSTED,
        "4294967295 bytes (expected: at most 100000)");
    assertAlive();
  }

  @Test
  void takesAMessageOfExactlyTheLimit() {
    String largest = "x".repeat(MAX_MESSAGE);
    assertThat(client.call(Http2Client.grpc(ECHO), Http2Client.frame(largest)).messages())
        .containsExactly(largest);
    assertStatus(
        client.call(Http2Client.grpc(ECHO), Http2Client.frame(largest + "x")),
        GrpcStatus.RESOURCE_EXHAUSTED,
        "100001 bytes");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 5, 9})
  void refusesARequestThatEndsInsideAMessage(int length) {
    byte[] cut = Arrays.copyOf(Http2Client.frame("hello"), length);
    for (String method : List.of(ECHO, STREAM)) {
      assertStatus(
          client.call(Http2Client.grpc(method), cut), GrpcStatus.INTERNAL, "inside a message");
    }
    assertAlive();
  }

  @Test
  void refusesAnUnknownFlag() {
    byte[] frame = Http2Client.frame("hello");
    frame[0] = 7;
    assertStatus(
        client.call(Http2Client.grpc(ECHO), frame), GrpcStatus.INTERNAL, "message flag: 7");
  }

  @Test
  void refusesOtherThanOneMessageInAUnaryCall() {
    assertStatus(
        client.call(Http2Client.grpc(ECHO), new byte[0]), GrpcStatus.UNIMPLEMENTED, "none");
    assertStatus(
        client.open(Http2Client.grpc(ECHO), true).answer(), GrpcStatus.UNIMPLEMENTED, "none");
    assertStatus(
        client.call(Http2Client.grpc(ECHO), frames("a", "b")),
        GrpcStatus.UNIMPLEMENTED,
        "more than one");
    assertAlive();
  }

  @Test
  void understandsGzipBothWays() throws IOException {
    Http2Headers headers =
        Http2Client.grpc(ECHO).add("grpc-encoding", "gzip").add("grpc-accept-encoding", "br,gzip");
    Answer answer = client.call(headers, gzipFrame("hello".getBytes(StandardCharsets.UTF_8)));
    assertStatus(answer, GrpcStatus.OK, "");
    assertThat(answer.header("grpc-encoding")).isEqualTo("gzip");
    ByteBuffer body = ByteBuffer.wrap(answer.body());
    assertThat(body.get()).isEqualTo((byte) 1);
    byte[] compressed = new byte[body.getInt()];
    body.get(compressed);
    assertThat(new GZIPInputStream(new ByteArrayInputStream(compressed)).readAllBytes())
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("hello");
  }

  @Test
  void doesNotCompressForAClientThatCannotRead() throws IOException {
    Http2Headers headers = Http2Client.grpc(ECHO).add("grpc-encoding", "gzip");
    Answer answer = client.call(headers, gzipFrame("hello".getBytes(StandardCharsets.UTF_8)));
    assertThat(answer.messages()).containsExactly("hello");
  }

  @Test
  void refusesBadCompression() throws IOException {
    byte[] bomb = gzipFrame(new byte[10 << 20]);
    Http2Headers gzip = Http2Client.grpc(ECHO).add("grpc-encoding", "gzip");
    assertStatus(client.call(gzip, bomb), GrpcStatus.RESOURCE_EXHAUSTED, "decompressed");
    byte[] lie = Http2Client.frame("hello");
    lie[0] = 1;
    assertStatus(client.call(gzip, lie), GrpcStatus.INTERNAL, "not gzip");
    assertStatus(client.call(Http2Client.grpc(ECHO), lie), GrpcStatus.INTERNAL, "compressed");
    assertStatus(
        client.call(Http2Client.grpc(ECHO).add("grpc-encoding", "snappy"), lie),
        GrpcStatus.UNIMPLEMENTED,
        "snappy");
    assertAlive();
  }

  private static byte[] gzipFrame(byte[] message) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(message);
    }
    return ByteBuffer.allocate(5 + bytes.size())
        .put((byte) 1)
        .putInt(bytes.size())
        .put(bytes.toByteArray())
        .array();
  }

  @Test
  void refusesOtherContentTypesAndVerbs() {
    Http2Headers json = Http2Client.grpc(ECHO).set("content-type", "application/grpc+json");
    assertThat(client.open(json, true).answer().header(":status")).isEqualTo("415");
    Http2Headers web = Http2Client.grpc(ECHO).set("content-type", "application/grpc-web");
    assertThat(client.open(web, true).answer().header(":status")).isEqualTo("415");
    Http2Headers get = Http2Client.grpc(ECHO).method("GET");
    assertThat(client.open(get, true).answer().header(":status")).isEqualTo("405");
    Http2Headers plain = Http2Client.grpc(ECHO).set("content-type", "application/json");
    assertThat(client.open(plain, true).answer().header(":status")).isEqualTo("404");
    Http2Headers proto =
        Http2Client.grpc(ECHO).set("content-type", "application/grpc+proto; charset=x");
    assertStatus(client.call(proto, Http2Client.frame("x")), GrpcStatus.OK, "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "S", "1s", "-1S", "123456789S", "1.5S"})
  void refusesMalformedTimeouts(String timeout) {
    Http2Headers headers = Http2Client.grpc(ECHO).add("grpc-timeout", timeout);
    assertStatus(
        client.call(headers, Http2Client.frame("x")), GrpcStatus.INVALID_ARGUMENT, "grpc-timeout");
  }

  @Test
  void failsACallWhoseDeadlineHasPassedAndTellsItsHandler() throws Exception {
    Http2Client.Stream late =
        client.open(Http2Client.grpc(HELD).add("grpc-timeout", "100m"), false);
    Http2Client.Stream patient =
        client.open(Http2Client.grpc(HELD).add("grpc-timeout", "1H"), false);
    patient.send(Http2Client.frame("x"), true);
    UnaryCall patientCall = held.poll(20, TimeUnit.SECONDS);
    late.send(Http2Client.frame("x"), true);
    assertStatus(late.answer(), GrpcStatus.DEADLINE_EXCEEDED, "deadline exceeded");
    assertThat(patientCall).isNotNull();
    patientCall.loop().execute(() -> patientCall.reply(patientCall.newMessage(0)));
    assertStatus(patient.answer(), GrpcStatus.OK, "");
  }

  @Test
  void tellsTheHandlerThatTheClientHasCancelled() throws Exception {
    Http2Client.Stream stream = client.open(Http2Client.grpc(HELD), false);
    stream.send(Http2Client.frame("x"), true);
    UnaryCall call = held.poll(20, TimeUnit.SECONDS);
    assertThat(call).isNotNull();
    CountDownLatch cancelled = new CountDownLatch(1);
    call.loop().execute(() -> call.onCancel(cancelled::countDown));
    stream.cancel();
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    call.loop().execute(() -> call.reply(call.newMessage(0)));
    assertAlive();
  }

  @Test
  void refusesAnswersFromForeignThreads() throws Exception {
    client.open(Http2Client.grpc(HELD), false).send(Http2Client.frame("x"), true);
    UnaryCall call = held.poll(20, TimeUnit.SECONDS);
    assertThat(call).isNotNull();
    assertThatIllegalStateException()
        .isThrownBy(() -> call.fail(GrpcStatus.INTERNAL, "x"))
        .withMessageContaining("own loop");
  }

  @Test
  void sendsLargeStreamsNoFasterThanTheClientReads() {
    int count = 2000;
    Answer answer =
        client.call(Http2Client.grpc("/t.S/Flood"), Http2Client.frame(Integer.toString(count)));
    assertStatus(answer, GrpcStatus.OK, "");
    assertThat(answer.body()).hasSize(count * (5 + Flood.MESSAGE));
  }

  @Test
  void deliversOnlyTheMessagesThatAreAskedFor() throws Exception {
    Http2Client.Stream stream = client.open(Http2Client.grpc("/t.S/Patient"), false);
    stream.send(frames("1", "2", "3"), false);
    Patient patient = patients.poll(20, TimeUnit.SECONDS);
    assertThat(patient).isNotNull();
    patient.ask(2);
    assertThat(patient.next()).isEqualTo("1");
    assertThat(patient.next()).isEqualTo("2");
    stream.send(Http2Client.frame("4"), true);
    // The connection has seen the last frame when it answers the call after it.
    assertAlive();
    assertThat(patient.messages).isEmpty();
    patient.ask(5);
    assertThat(patient.next()).isEqualTo("3");
    assertThat(patient.next()).isEqualTo("4");
    assertThat(patient.next()).isEqualTo("end");
    assertStatus(stream.answer(), GrpcStatus.OK, "");
  }

  @Test
  void takesMoreThanAWindowOfMessagesThatWaitedForDemand() throws Exception {
    int count = 40;
    String message = "x".repeat(MAX_MESSAGE);
    Http2Client.Stream stream = client.open(Http2Client.grpc("/t.S/Patient"), false);
    Thread sender =
        Thread.ofVirtual()
            .start(() -> {
              for (int i = 1; i <= count; i++) {
                stream.send(Http2Client.frame(message), i == count);
              }
            });
    Patient patient = patients.poll(20, TimeUnit.SECONDS);
    assertThat(patient).isNotNull();
    for (int i = 0; i < count; i++) {
      patient.ask(1);
      assertThat(patient.next()).hasSize(MAX_MESSAGE);
    }
    sender.join();
    assertThat(patient.next()).isEqualTo("end");
  }

  @Test
  void tellsAStreamsListenerThatTheClientHasCancelledOrTheDeadlinePassed() throws Exception {
    Http2Client.Stream stream = client.open(Http2Client.grpc("/t.S/Patient"), false);
    Patient patient = patients.poll(20, TimeUnit.SECONDS);
    assertThat(patient).isNotNull();
    stream.cancel();
    assertThat(patient.next()).isEqualTo("cancelled");
    stream = client.open(Http2Client.grpc("/t.S/Patient").add("grpc-timeout", "50m"), false);
    patient = patients.poll(20, TimeUnit.SECONDS);
    assertThat(patient).isNotNull();
    assertStatus(stream.answer(), GrpcStatus.DEADLINE_EXCEEDED, "deadline");
    assertThat(patient.next()).isEqualTo("cancelled");
  }

  @Test
  void givesUpUnaryCallsOfSlowClientsButNotStreams() throws Exception {
    stop();
    start(HttpLimits.DEFAULT.withTimeouts(Duration.ofMillis(100), Duration.ofMinutes(1)));
    Http2Client.Stream stream = client.open(Http2Client.grpc(STREAM), false);
    Http2Client.Stream unary = client.open(Http2Client.grpc(ECHO), false);
    assertStatus(unary.send(new byte[3], false).answer(), GrpcStatus.CANCELLED, "every 100 ms");
    assertThat(stream.send(Http2Client.frame("still here"), true).answer().messages())
        .containsExactly("still here");
  }
}
