package io.salver.it.grpc;

import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.testing.integration.AbstractInteropTest;
import io.salver.server.grpc.GrpcService;
import io.salver.server.http.HttpExchange;
import io.salver.server.http.HttpLimits;
import io.salver.server.http.HttpProtocols;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.function.ThrowingConsumer;

/** gRPC's own interoperability cases, by its own client, against our server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GrpcInteropTest {
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  private ScheduledExecutorService timer;
  private Listener listener;

  @BeforeAll
  void start() throws IOException {
    timer = Executors.newSingleThreadScheduledExecutor();
    GrpcService service = new GrpcService(new InteropService(timer).methods(), MAX_MESSAGE_BYTES);
    listener =
        Listener.start(
            ListenerConfig.onLoopback(0),
            new HttpProtocols(GrpcInteropTest::notFound, service, HttpLimits.DEFAULT));
  }

  private static void notFound(HttpExchange exchange) {
    exchange.respond(404, "text/plain", exchange.newBody(0));
  }

  @AfterAll
  void stop() {
    listener.close();
    timer.shutdownNow();
  }

  @TestFactory
  Stream<DynamicTest> theNettyClientPasses() {
    return cases("netty", port -> NettyChannelBuilder.forAddress("127.0.0.1", port));
  }

  @TestFactory
  Stream<DynamicTest> theOkHttpClientPasses() {
    return cases("okhttp", port -> OkHttpChannelBuilder.forAddress("127.0.0.1", port));
  }

  private Stream<DynamicTest> cases(
      String client, Function<Integer, ManagedChannelBuilder<?>> channels) {
    return cases().entrySet().stream()
        .map(entry ->
            DynamicTest.dynamicTest(
                client + " " + entry.getKey(),
                () -> run(new Client(listener.port(), channels), entry.getValue())));
  }

  private static void run(Client client, ThrowingConsumer<AbstractInteropTest> test)
      throws Throwable {
    client.setUp();
    try {
      test.accept(client);
    } finally {
      client.tearDown();
    }
  }

  private static Map<String, ThrowingConsumer<AbstractInteropTest>> cases() {
    Map<String, ThrowingConsumer<AbstractInteropTest>> cases = new LinkedHashMap<>();
    cases.put("empty_unary", AbstractInteropTest::emptyUnary);
    cases.put("large_unary", AbstractInteropTest::largeUnary);
    cases.put("client_compressed_unary", client -> client.clientCompressedUnary(true));
    cases.put("server_compressed_unary", AbstractInteropTest::serverCompressedUnary);
    cases.put("client_streaming", AbstractInteropTest::clientStreaming);
    cases.put("client_compressed_streaming", client -> client.clientCompressedStreaming(true));
    cases.put("server_streaming", AbstractInteropTest::serverStreaming);
    cases.put("server_compressed_streaming", AbstractInteropTest::serverCompressedStreaming);
    cases.put("ping_pong", AbstractInteropTest::pingPong);
    cases.put("empty_stream", AbstractInteropTest::emptyStream);
    cases.put("custom_metadata", AbstractInteropTest::customMetadata);
    cases.put("status_code_and_message", AbstractInteropTest::statusCodeAndMessage);
    cases.put("special_status_message", AbstractInteropTest::specialStatusMessage);
    cases.put("unimplemented_method", AbstractInteropTest::unimplementedMethod);
    cases.put("unimplemented_service", AbstractInteropTest::unimplementedService);
    cases.put("cancel_after_begin", AbstractInteropTest::cancelAfterBegin);
    cases.put("cancel_after_first_response", AbstractInteropTest::cancelAfterFirstResponse);
    cases.put("timeout_on_sleeping_server", AbstractInteropTest::timeoutOnSleepingServer);
    addMore(cases);
    return cases;
  }

  /** Cases that the Java client has beyond the standard ones. */
  private static void addMore(Map<String, ThrowingConsumer<AbstractInteropTest>> cases) {
    cases.put("full_duplex", AbstractInteropTest::fullDuplexCallShouldSucceed);
    cases.put("half_duplex", AbstractInteropTest::halfDuplexCallShouldSucceed);
    cases.put("very_large_request", AbstractInteropTest::veryLargeRequest);
    cases.put("very_large_response", AbstractInteropTest::veryLargeResponse);
    cases.put("deadline_not_exceeded", AbstractInteropTest::deadlineNotExceeded);
    cases.put("deadline_exceeded", AbstractInteropTest::deadlineExceeded);
    cases.put("deadline_exceeded_stream", AbstractInteropTest::deadlineExceededServerStreaming);
    cases.put("deadline_in_past", AbstractInteropTest::deadlineInPast);
    cases.put("graceful_shutdown", AbstractInteropTest::gracefulShutdown);
  }

  /** The client of the test suite, on our server's port. */
  private static final class Client extends AbstractInteropTest {
    private final int port;
    private final Function<Integer, ManagedChannelBuilder<?>> channels;

    Client(int port, Function<Integer, ManagedChannelBuilder<?>> channels) {
      this.port = port;
      this.channels = channels;
    }

    @Override
    protected ManagedChannelBuilder<?> createChannelBuilder() {
      return channels.apply(port).usePlaintext().maxInboundMessageSize(MAX_MESSAGE_BYTES);
    }

    @Override
    protected boolean metricsExpected() {
      return false;
    }

    @Override
    protected int operationTimeoutMillis() {
      return 15_000;
    }
  }
}
