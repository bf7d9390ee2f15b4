package io.salver.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.salver.server.client.RawFrames;
import io.salver.server.client.RawFrames.Frame;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that keep the server busy without asking it for answers, frame by frame. */
final class Http2FloodTest {
  private static final int ENHANCE_YOUR_CALM = 11;
  private static final int CANCEL = 8;
  private static final int REFUSED_STREAM = 7;
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int ANSWER_BYTES = 10_000;
  private static final Duration SHORT = Duration.ofMillis(100);

  private final BlockingQueue<HttpExchange> held = new LinkedBlockingQueue<>();
  private Listener listener = start(HttpLimits.DEFAULT);

  private Listener start(HttpLimits limits) {
    try {
      return Listener.start(
          ListenerConfig.onLoopback(0).withEventLoops(1),
          new HttpProtocols(this::answer, _ -> null, limits));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void restart(HttpLimits limits) {
    listener.close();
    listener = start(limits);
  }

  private void answer(HttpExchange exchange) {
    if (exchange.path().equals("/held")) {
      held.add(exchange);
    } else {
      ByteBuf body = exchange.newBody(ANSWER_BYTES).writeZero(ANSWER_BYTES);
      exchange.respond(200, "text/plain", body);
    }
  }

  @AfterEach
  void stop() {
    listener.close();
  }

  /** What a client may send at any time, and a server has to look at. */
  private enum Flood {
    PING(RawFrames.PING, 0, 0, 8),
    PING_ACK(RawFrames.PING, RawFrames.ACK, 0, 8),
    SETTINGS(RawFrames.SETTINGS, 0, 0, 0),
    PRIORITY(RawFrames.PRIORITY, 0, 5, 5),
    RESET_OF_A_CLOSED_STREAM(RawFrames.RST_STREAM, 0, 1, 4),
    WINDOW_UPDATE(RawFrames.WINDOW_UPDATE, 0, 0, 4),
    WINDOW_UPDATE_OF_A_CLOSED_STREAM(RawFrames.WINDOW_UPDATE, 0, 1, 4),
    UNKNOWN(0xfa, 0, 0, 1);

    private final int type;
    private final int flags;
    private final int stream;
    private final byte[] payload;

    Flood(int type, int flags, int stream, int payloadBytes) {
      this.type = type;
      this.flags = flags;
      this.stream = stream;
      this.payload = new byte[payloadBytes];
      if (payloadBytes > 0) {
        payload[payloadBytes - 1] = 1;
      }
    }

    void send(RawFrames client) throws IOException {
      client.send(type, flags, stream, payload);
    }
  }

  private void assertServes(RawFrames client, int stream) throws IOException {
    client.request(stream, "/", true).flush();
    Frame headers = client.await(RawFrames.HEADERS);
    assertThat(headers).isNotNull();
    assertThat(headers.stream()).isEqualTo(stream);
    assertThat(client.await(RawFrames.DATA).payload()).hasSize(ANSWER_BYTES);
  }

  @ParameterizedTest
  @EnumSource
  void endsAConnectionThatFloodsAndNoOther(Flood flood) throws Exception {
    try (RawFrames other = new RawFrames(listener.port());
        RawFrames client = new RawFrames(listener.port())) {
      assertServes(other, 1);
      assertServes(client, 1);
      CompletableFuture<Void> sending = sendForEver(client, flood);
      Frame goAway = client.await(RawFrames.GOAWAY);
      assertThat(goAway).as("closed with a reason").isNotNull();
      assertThat(goAway.error()).isEqualTo(ENHANCE_YOUR_CALM);
      assertThat(goAway.debugText())
          .isEqualTo(flood == Flood.PING ? "too_many_pings" : "too many frames without a request");
      assertThat(client.await(-1)).as("closed").isNull();
      sending.get(20, TimeUnit.SECONDS);
      assertServes(other, 3);
    }
  }

  private static CompletableFuture<Void> sendForEver(RawFrames client, Flood flood) {
    return CompletableFuture.runAsync(() -> {
      try {
        for (int i = 0; i < 1_000_000; i++) {
          flood.send(client);
        }
        client.flush();
      } catch (SocketException closed) {
        // As it should be.
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    });
  }

  @Test
  void letsAClientPingInModeration() throws IOException {
    try (RawFrames client = new RawFrames(listener.port())) {
      for (int i = 0; i < 50; i++) {
        Flood.PING.send(client);
      }
      client.flush();
      for (int i = 0; i < 50; i++) {
        assertThat(client.await(RawFrames.PING).flags()).isEqualTo(RawFrames.ACK);
      }
      assertServes(client, 1);
    }
  }

  @Test
  void letsAClientPingAndOpenItsWindowWithEveryAnswer() throws IOException {
    try (RawFrames client = new RawFrames(listener.port())) {
      for (int stream = 1; stream < 6_000; stream += 2) {
        client.send(
            RawFrames.WINDOW_UPDATE,
            0,
            0,
            new byte[] {0, 0, ANSWER_BYTES >> 8, ANSWER_BYTES & 0x7f});
        Flood.PING.send(client);
        assertServes(client, stream);
      }
    }
  }

  @Test
  void endsAConnectionWithEmptyDataFrames() throws IOException {
    try (RawFrames client = new RawFrames(listener.port())) {
      client.request(1, "/", false);
      for (int i = 0; i < 10; i++) {
        client.send(RawFrames.DATA, 0, 1);
      }
      client.flush();
      assertThat(client.await(RawFrames.GOAWAY).error()).isEqualTo(ENHANCE_YOUR_CALM);
      assertThat(client.await(-1)).isNull();
    }
  }

  @Test
  void endsAConnectionWithHeadersThatDoNotEnd() throws IOException {
    try (RawFrames client = new RawFrames(listener.port())) {
      client.send(RawFrames.HEADERS, 0, 1, RawFrames.block("/"));
      for (int i = 0; i < 100; i++) {
        client.send(RawFrames.CONTINUATION, 0, 1);
      }
      client.flush();
      assertThat(client.await(RawFrames.GOAWAY).error()).isEqualTo(ENHANCE_YOUR_CALM);
      assertThat(client.await(-1)).isNull();
    }
  }

  @Test
  void endsAConnectionWithAHeaderBlockThatIsTooLongBeforeItIsWhole() throws IOException {
    try (RawFrames client = new RawFrames(listener.port())) {
      client.send(RawFrames.HEADERS, 0, 1, new byte[16_000]);
      for (int i = 0; i < 5; i++) {
        client.send(RawFrames.CONTINUATION, 0, 1, new byte[16_000]);
      }
      client.flush();
      assertThat(client.await(RawFrames.GOAWAY)).isNotNull();
      assertThat(client.await(-1)).isNull();
    }
  }

  @Test
  void refusesHeadersThatAreShortOnTheWireAndLongInMemory() throws IOException {
    try (RawFrames client = new RawFrames(listener.port())) {
      byte[] request = RawFrames.block("/");
      byte[] name = {0x40, 1, 'x', 0x7f, (byte) 0xa1, 0x1e};
      byte[] bomb = Arrays.copyOf(request, request.length + name.length + 4_000 + 1_000);
      System.arraycopy(name, 0, bomb, request.length, name.length);
      Arrays.fill(
          bomb, request.length + name.length, request.length + name.length + 4_000, (byte) 'a');
      // Each of these names the header of 4,000 bytes again.
      Arrays.fill(bomb, request.length + name.length + 4_000, bomb.length, (byte) 0xbe);
      client.send(RawFrames.HEADERS, RawFrames.END_HEADERS | RawFrames.END_STREAM, 1, bomb).flush();
      Frame refusal;
      do {
        refusal = client.next();
        assertThat(refusal).as("a refusal before the connection closes").isNotNull();
      } while (refusal.type() != RawFrames.GOAWAY && refusal.stream() != 1);
      assertThat(
              refusal.type() == RawFrames.HEADERS && (refusal.flags() & RawFrames.END_STREAM) == 0)
          .as("an answer with a body")
          .isFalse();
    }
  }

  @Test
  void endsAConnectionThatTakesItsRequestsBackAtOnce() throws Exception {
    try (RawFrames other = new RawFrames(listener.port());
        RawFrames client = new RawFrames(listener.port())) {
      CompletableFuture<Void> sending =
          CompletableFuture.runAsync(() -> {
            try {
              for (int stream = 1; stream < 200_000; stream += 2) {
                client.request(stream, "/held", true);
                client.send(RawFrames.RST_STREAM, 0, stream, new byte[] {0, 0, 0, CANCEL});
              }
            } catch (IOException closed) {
              // As it should be.
            }
          });
      Frame goAway = client.await(RawFrames.GOAWAY);
      assertThat(goAway).isNotNull();
      assertThat(goAway.error()).isEqualTo(ENHANCE_YOUR_CALM);
      assertThat(goAway.debugText()).isEqualTo("too many requests taken back at once");
      assertThat(held.size()).as("requests begun").isLessThan(3_000);
      sending.get(20, TimeUnit.SECONDS);
      assertServes(other, 1);
    }
  }

  @Test
  void endsAConnectionThatProvokesResets() throws Exception {
    try (RawFrames client = new RawFrames(listener.port())) {
      CompletableFuture<Void> sending =
          CompletableFuture.runAsync(() -> {
            try {
              for (int stream = 1; stream < 200_000; stream += 2) {
                client.request(stream, "/held", true);
                client.send(RawFrames.WINDOW_UPDATE, 0, stream, new byte[4]);
              }
            } catch (IOException closed) {
              // As it should be.
            }
          });
      Frame goAway = client.await(RawFrames.GOAWAY);
      // What is still being sent to the closed connection may reset it before the reason is read.
      if (goAway != null) {
        assertThat(goAway.error()).isEqualTo(ENHANCE_YOUR_CALM);
      }
      assertThat(client.await(-1)).as("closed").isNull();
      assertThat(held.size()).as("requests begun").isLessThan(3_000);
      sending.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void endsAStreamWhoseAnswerNobodyTakesAndNoOther() throws IOException {
    restart(HttpLimits.DEFAULT.withTimeouts(SHORT, Duration.ofMinutes(1)));
    try (RawFrames client = new RawFrames(listener.port(), INITIAL_WINDOW_SIZE, 0)) {
      client.request(1, "/", true).flush();
      Frame reset = client.await(RawFrames.RST_STREAM);
      assertThat(reset.stream()).isEqualTo(1);
      assertThat(reset.error()).isEqualTo(CANCEL);
      client.request(3, "/", true).send(RawFrames.WINDOW_UPDATE, 0, 3, new byte[] {0, 0, 100, 0});
      client.flush();
      assertThat(client.await(RawFrames.DATA).stream()).isEqualTo(3);
    }
  }

  @Test
  void opensNoMoreStreamsWhileTooMuchIsLeftUntaken() throws IOException {
    restart(HttpLimits.DEFAULT.withMaxUnsentBytes(3 * ANSWER_BYTES));
    try (RawFrames client = new RawFrames(listener.port(), INITIAL_WINDOW_SIZE, 0)) {
      for (int stream = 1; stream < 21; stream += 2) {
        client.request(stream, "/", true);
      }
      client.flush();
      for (int stream = 9; stream < 21; stream += 2) {
        Frame reset = client.await(RawFrames.RST_STREAM);
        assertThat(reset.stream()).isEqualTo(stream);
        assertThat(reset.error()).isEqualTo(REFUSED_STREAM);
      }
      for (int stream = 1; stream < 9; stream += 2) {
        client.send(RawFrames.WINDOW_UPDATE, 0, stream, new byte[] {0, 0, 100, 0});
      }
      client.flush();
      for (int stream = 1; stream < 9; stream += 2) {
        assertThat(client.await(RawFrames.DATA).payload()).hasSize(ANSWER_BYTES);
      }
      client.request(21, "/", true);
      client.send(RawFrames.WINDOW_UPDATE, 0, 21, new byte[] {0, 0, 100, 0}).flush();
      assertThat(client.await(RawFrames.DATA).stream()).isEqualTo(21);
    }
  }

  @Test
  void endsAConnectionWhoseClientIsNotThereAnyMore() throws Exception {
    restart(HttpLimits.DEFAULT.withTimeouts(SHORT, SHORT));
    try (RawFrames client = new RawFrames(listener.port())) {
      client.request(1, "/held", true).flush();
      assertThat(held.poll(20, TimeUnit.SECONDS)).isNotNull();
      assertThat(client.await(RawFrames.PING).flags()).isZero();
      assertThat(client.await(-1)).as("closed for want of an answer").isNull();
    }
  }

  @Test
  void keepsAConnectionWhoseClientAnswersPings() throws Exception {
    // The client has this long to answer, on a machine that may be busy.
    Duration period = Duration.ofSeconds(1);
    restart(HttpLimits.DEFAULT.withTimeouts(period, period));
    try (RawFrames client = new RawFrames(listener.port())) {
      client.request(1, "/held", true).flush();
      HttpExchange exchange = held.poll(20, TimeUnit.SECONDS);
      for (int i = 0; i < 2; i++) {
        Frame ping = client.await(RawFrames.PING);
        client.send(RawFrames.PING, RawFrames.ACK, 0, ping.payload()).flush();
      }
      exchange.loop().execute(() -> exchange.respond(200, "", exchange.newBody(0)));
      assertThat(client.await(RawFrames.HEADERS).stream()).isEqualTo(1);
    }
  }

  @Test
  void endsAConnectionAtItsAgeOnceItsRequestsAreAnswered() throws Exception {
    restart(HttpLimits.DEFAULT.withMaxConnectionAge(Duration.ofMillis(200)));
    try (RawFrames client = new RawFrames(listener.port())) {
      client.request(1, "/held", true).flush();
      HttpExchange exchange = held.poll(20, TimeUnit.SECONDS);
      assertThat(client.await(RawFrames.GOAWAY).error()).isZero();
      exchange.loop().execute(() -> exchange.respond(200, "", exchange.newBody(0)));
      assertThat(client.await(RawFrames.HEADERS).stream()).isEqualTo(1);
      assertThat(client.await(-1)).as("closed").isNull();
    }
  }
}
