package io.salver.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.salver.server.client.Http2Client;
import io.salver.server.client.RawClient;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.grpc.GrpcService;
import io.salver.server.grpc.UnaryCall;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import io.salver.server.net.SocketOptions;
import io.salver.tensor.MemoryBudget;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The bodies of all requests together stay within one budget, whatever protocol they came by. */
class RequestMemoryTest {
  private static final int BUDGET_BYTES = 1 << 20;
  private static final int BODY_BYTES = 400_000;

  private final MemoryBudget budget = new MemoryBudget(BUDGET_BYTES);
  private final BlockingQueue<HttpExchange> held = new LinkedBlockingQueue<>();
  private Listener listener;

  @BeforeEach
  void start() throws Exception {
    ListenerConfig loopback = ListenerConfig.onLoopback(0);
    ListenerConfig config =
        new ListenerConfig(
            loopback.tcp(),
            Optional.empty(),
            List.of(),
            1,
            loopback.requestLimitBytes(),
            budget,
            SocketOptions.DEFAULT);
    GrpcService grpc =
        new GrpcService(
            List.of(new GrpcMethod.Unary("t.S/Echo", RequestMemoryTest::echo)), BUDGET_BYTES);
    listener = Listener.start(config, new HttpProtocols(this::handle, grpc, HttpLimits.DEFAULT));
  }

  @AfterEach
  void stop() {
    listener.close();
  }

  private static void echo(UnaryCall call, ByteBuf message) {
    call.reply(call.newMessage(16).writeInt(message.readableBytes()));
  }

  private void handle(HttpExchange exchange) {
    if (exchange.path().equals("/held")) {
      held.add(exchange);
    } else {
      answer(exchange);
    }
  }

  private static void answer(HttpExchange exchange) {
    exchange.respond(200, "text/plain", exchange.newBody(16).writeBytes(new byte[] {'o', 'k'}));
  }

  private static String post(String path) {
    return "POST "
        + path
        + " HTTP/1.1\r\nhost: a\r\ncontent-length: "
        + BODY_BYTES
        + "\r\n\r\n"
        + "x".repeat(BODY_BYTES);
  }

  @Test
  void aBodyBeyondTheBudgetIsRefusedWithItsStateAndTakenWhenOthersHaveEnded() throws Exception {
    try (RawClient first = new RawClient(listener.port());
        RawClient second = new RawClient(listener.port())) {
      first.send(post("/held"));
      HttpExchange waiting = held.take();
      assertThat(budget.usedBytes()).isGreaterThanOrEqualTo(BODY_BYTES);
      second.send(post("/"));
      RawClient.Answer refused = second.read();
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.body())
          .contains("request memory: ")
          .contains("(expected: at most 1048576 in all requests together)");
      waiting.loop().execute(() -> answer(waiting));
      assertThat(first.read().status()).isEqualTo(200);
    }
    try (RawClient third = new RawClient(listener.port())) {
      third.send(post("/"));
      assertThat(third.read().status()).isEqualTo(200);
    }
    assertThat(budget.usedBytes()).isLessThan(BUDGET_BYTES / 100);
  }

  @Test
  void grpcMessagesThatAreStillComingCountToo() throws Exception {
    try (RawClient first = new RawClient(listener.port());
        Http2Client client = new Http2Client(listener.port())) {
      first.send(post("/held"));
      HttpExchange waiting = held.take();
      byte[] message = Http2Client.frame("x".repeat(600_000));
      Http2Client.Answer refused = client.call(Http2Client.grpc("/t.S/Echo"), message);
      assertThat(refused.header("grpc-status")).isEqualTo("8");
      assertThat(refused.header("grpc-message")).contains("request memory: ");
      waiting.loop().execute(() -> answer(waiting));
      assertThat(first.read().status()).isEqualTo(200);
      assertThat(client.call(Http2Client.grpc("/t.S/Echo"), message).header("grpc-status"))
          .isEqualTo("0");
    }
    assertThat(budget.usedBytes()).isLessThan(BUDGET_BYTES / 100);
  }
}
