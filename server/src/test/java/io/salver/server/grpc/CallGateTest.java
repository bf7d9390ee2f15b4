package io.salver.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.salver.server.client.Http2Client;
import io.salver.server.client.Http2Client.Answer;
import io.salver.server.http.HttpLimits;
import io.salver.server.http.HttpProtocols;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A gate that takes its time. */
@Timeout(60)
final class CallGateTest {
  private static final String ECHO = "/t.S/Echo";
  private static final String STREAM = "/t.S/Stream";

  private record Waiting(String fullName, GrpcCall call, Runnable admit) {
    void admitOnLoop() {
      call.loop().execute(admit);
    }
  }

  private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
  private Listener listener;
  private Http2Client client;

  @BeforeEach
  void start() throws IOException {
    CallGate slow =
        new CallGate() {
          @Override
          public void enter(String fullName, GrpcCall call, Runnable admit) {
            waiting.add(new Waiting(fullName, call, admit));
          }

          @Override
          public boolean takeMessage(GrpcCall call) {
            return true;
          }
        };
    GrpcService service =
        new GrpcService(
            List.of(
                new GrpcMethod.Unary("t.S/Echo", CallGateTest::echo),
                new GrpcMethod.Streaming("t.S/Stream", EchoStream::new)),
            slow,
            100_000);
    listener =
        Listener.start(
            ListenerConfig.onLoopback(0).withEventLoops(1),
            new HttpProtocols(
                exchange -> exchange.respond(404, "", exchange.newBody(0)),
                service,
                HttpLimits.DEFAULT));
    client = new Http2Client(listener.port());
  }

  @AfterEach
  void stop() {
    client.close();
    listener.close();
  }

  private static void echo(UnaryCall call, ByteBuf message) {
    call.reply(call.newMessage(message.readableBytes()).writeBytes(message));
  }

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

  private Waiting next() throws InterruptedException {
    Waiting next = waiting.poll(20, TimeUnit.SECONDS);
    assertThat(next).isNotNull();
    return next;
  }

  /** Returns when the server has read whatever was sent before. */
  private void awaitRead() throws InterruptedException {
    Http2Client.Stream marker = client.open(Http2Client.grpc(ECHO), false);
    Waiting reached = next();
    reached.call().loop().execute(() -> reached.call().fail(GrpcStatus.ABORTED, "a marker"));
    marker.answer();
  }

  @Test
  void aCallIsHandledOnceItIsLetInWithWhatHasCome() throws Exception {
    Http2Client.Stream unary = client.open(Http2Client.grpc(ECHO), false);
    Waiting first = next();
    assertThat(first.fullName()).isEqualTo("t.S/Echo");
    unary.send(Http2Client.frame("hello"), true);
    awaitRead();
    first.admitOnLoop();
    assertThat(unary.answer().messages()).containsExactly("hello");
  }

  @Test
  void aStreamIsOpenedOnceItIsLetInWithWhatHasCome() throws Exception {
    Http2Client.Stream stream = client.open(Http2Client.grpc(STREAM), false);
    Waiting first = next();
    stream.send(Http2Client.frame("a"), false).send(Http2Client.frame("b"), false);
    awaitRead();
    first.admitOnLoop();
    stream.send(Http2Client.frame("c"), true);
    assertThat(stream.answer().messages()).containsExactly("a", "b", "c");
  }

  @Test
  void aStreamThatIsOverBeforeItIsLetInIsAnsweredWhole() throws Exception {
    Http2Client.Stream stream = client.open(Http2Client.grpc(STREAM), false);
    Waiting first = next();
    stream.send(Http2Client.frame("a"), true);
    Http2Client.Stream empty = client.open(Http2Client.grpc(STREAM), true);
    Waiting second = next();
    awaitRead();
    first.admitOnLoop();
    second.admitOnLoop();
    assertThat(stream.answer().messages()).containsExactly("a");
    assertThat(empty.answer().header("grpc-status")).isEqualTo("0");
  }

  @Test
  void whatIsNotLetInIsNotHandled() throws Exception {
    Http2Client.Stream unary = client.open(Http2Client.grpc(ECHO), false);
    Waiting first = next();
    first
        .call()
        .loop()
        .execute(() -> {
          first.call().fail(GrpcStatus.UNAUTHENTICATED, "who?");
          first.admit().run();
        });
    Answer answer = unary.answer();
    assertThat(answer.header("grpc-status"))
        .isEqualTo(Integer.toString(GrpcStatus.UNAUTHENTICATED.code()));
    assertThat(answer.header("grpc-message")).isEqualTo("who?");
  }

  @Test
  void aStreamThatWaitsAtTheGateEndsWhenTheServerDoes() throws Exception {
    Http2Client.Stream stream = client.open(Http2Client.grpc(STREAM), false);
    next();
    Thread drain = Thread.ofPlatform().start(() -> listener.drain(Duration.ofSeconds(20)));
    assertThat(stream.answer().header("grpc-status"))
        .isEqualTo(Integer.toString(GrpcStatus.UNAVAILABLE.code()));
    drain.join();
  }
}
