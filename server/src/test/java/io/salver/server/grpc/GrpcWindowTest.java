package io.salver.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.salver.server.client.RawFrames;
import io.salver.server.client.RawFrames.Frame;
import io.salver.server.http.HttpLimits;
import io.salver.server.http.HttpProtocols;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers stay within the windows that a client gives, of a stream and of the connection. */
final class GrpcWindowTest {
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int CONNECTION_WINDOW = 65_535;
  private static final int MESSAGE = 9_995;
  private static final int ANSWER = MESSAGE + 5;

  private Listener listener;

  @BeforeEach
  void start() throws IOException {
    GrpcService service =
        new GrpcService(
            List.of(
                new GrpcMethod.Unary(
                    "t.S/Echo",
                    (call, message) -> call.reply(call.newMessage(MESSAGE).writeBytes(message)))),
            2 * MESSAGE);
    listener =
        Listener.start(
            ListenerConfig.onLoopback(0).withEventLoops(1),
            new HttpProtocols(
                exchange -> exchange.respond(404, "text/plain", exchange.newBody(0)),
                service,
                HttpLimits.DEFAULT));
  }

  @AfterEach
  void stop() {
    listener.close();
  }

  private static void ask(RawFrames client, int stream) throws IOException {
    byte[] headers =
        RawFrames.block(
            new DefaultHttp2Headers()
                .method("POST")
                .scheme("http")
                .authority("a")
                .path("/t.S/Echo")
                .add("content-type", "application/grpc")
                .add("te", "trailers"));
    byte[] message = ByteBuffer.allocate(ANSWER).put((byte) 0).putInt(MESSAGE).array();
    client
        .send(RawFrames.HEADERS, RawFrames.END_HEADERS, stream, headers)
        .send(RawFrames.DATA, RawFrames.END_STREAM, stream, message);
  }

  /**
   * The bytes of DATA that come for all that was sent. What flow control holds back is written
   * after everything that was read, so that a second round trip is needed to see it.
   */
  private static int received(RawFrames client) throws IOException {
    return beforePong(client) + beforePong(client);
  }

  private static int beforePong(RawFrames client) throws IOException {
    client.send(RawFrames.PING, 0, 0, new byte[8]).flush();
    int bytes = 0;
    while (true) {
      Frame frame = client.next();
      assertThat(frame).isNotNull();
      if (frame.type() == RawFrames.PING) {
        return bytes;
      }
      bytes += frame.type() == RawFrames.DATA ? frame.payload().length : 0;
    }
  }

  private static void widen(RawFrames client, int stream, int bytes) throws IOException {
    client.send(RawFrames.WINDOW_UPDATE, 0, stream, ByteBuffer.allocate(4).putInt(bytes).array());
  }

  @Test
  void manySmallAnswersStayWithinTheConnectionsWindow() throws IOException {
    try (RawFrames client = new RawFrames(listener.port(), INITIAL_WINDOW_SIZE, 1 << 20)) {
      for (int i = 0; i < 10; i++) {
        ask(client, 2 * i + 1);
      }
      assertThat(received(client)).isEqualTo(CONNECTION_WINDOW);
      widen(client, 0, 5_000);
      assertThat(received(client)).isEqualTo(5_000);
      widen(client, 0, 1 << 20);
      assertThat(received(client)).isEqualTo(10 * ANSWER - CONNECTION_WINDOW - 5_000);
    }
  }

  @Test
  void anAnswerStaysWithinItsStreamsWindow() throws IOException {
    try (RawFrames client = new RawFrames(listener.port(), INITIAL_WINDOW_SIZE, 4_000)) {
      ask(client, 1);
      assertThat(received(client)).isEqualTo(4_000);
      widen(client, 1, 1);
      assertThat(received(client)).isEqualTo(1);
      widen(client, 1, 1 << 20);
      assertThat(received(client)).isEqualTo(ANSWER - 4_001);
    }
  }
}
