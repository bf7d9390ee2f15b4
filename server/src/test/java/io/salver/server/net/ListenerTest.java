package io.salver.server.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.salver.server.client.Http2Client;
import io.salver.server.client.RawClient;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.grpc.GrpcService;
import io.salver.server.grpc.UnaryCall;
import io.salver.server.http.HttpExchange;
import io.salver.server.http.HttpHandler;
import io.salver.server.http.HttpLimits;
import io.salver.server.http.HttpProtocols;
import io.salver.tensor.NativeMemory;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ListenerTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  private static final HttpHandler OK = exchange -> answer(exchange);
  private static final Duration LONG = Duration.ofSeconds(20);

  private static void answer(HttpExchange exchange) {
    exchange.respond(
        200,
        "text/plain",
        exchange.newBody(2).writeBytes("ok".getBytes(StandardCharsets.US_ASCII)));
  }

  private static Listener start(ListenerConfig config, HttpHandler handler) throws IOException {
    return Listener.start(config, HttpProtocols.plain(handler));
  }

  private static void assumeWorks(TransportKind transport) {
    try {
      Transport.of(transport);
    } catch (IOException e) {
      assumeTrue(false, e.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource(TransportKind.class)
  void listensOnSeveralAddressesAndUnixSockets(TransportKind transport, @TempDir Path directory)
      throws IOException {
    assumeWorks(transport);
    Path socket = directory.resolve("s");
    ListenerConfig config =
        ListenerConfig.onLoopback(0, 0)
            .withUnixSockets(List.of(socket))
            .withSockets(SocketOptions.DEFAULT.withTransport(transport));
    try (Listener listener = start(config, OK)) {
      assertThat(listener.boundAddresses()).hasSize(3).doesNotHaveDuplicates();
      for (var address : listener.boundAddresses()) {
        if (address instanceof InetSocketAddress tcp) {
          try (RawClient client = new RawClient(tcp.getPort())) {
            assertThat(client.send(GET).read().body()).isEqualTo("ok");
          }
        }
      }
      assertThat(overUnix(socket)).startsWith("HTTP/1.1 200 OK").endsWith("ok");
    }
    assertThat(socket).doesNotExist();
  }

  private static String overUnix(Path socket) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      String request = GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(4096);
      while (channel.read(answer) >= 0 && answer.hasRemaining()) {
        // Until the server closes.
      }
      return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void replacesTheSocketOfADeadProcessButNotOfALivingOne(@TempDir Path directory)
      throws IOException {
    Path socket = directory.resolve("s");
    ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    dead.bind(UnixDomainSocketAddress.of(socket));
    dead.close();
    ListenerConfig config =
        new ListenerConfig(
            List.of(),
            Optional.empty(),
            List.of(socket),
            1,
            1 << 20,
            io.salver.tensor.MemoryBudget.UNLIMITED,
            SocketOptions.DEFAULT);
    try (Listener _ = start(config, OK)) {
      assertThatExceptionOfType(BindException.class)
          .isThrownBy(() -> start(config, OK))
          .withMessageContaining(socket + " is in use");
      assertThat(overUnix(socket)).endsWith("ok");
    }
  }

  @Test
  void doesNotReplaceAFileThatIsNoSocket(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("f"), "precious");
    ListenerConfig config = ListenerConfig.onLoopback(0).withUnixSockets(List.of(file));
    assertThatExceptionOfType(BindException.class)
        .isThrownBy(() -> start(config, OK))
        .withMessageContaining("not a socket");
    assertThat(file).hasContent("precious");
  }

  @Test
  void saysWhichPortIsInUse() throws IOException {
    try (Listener first = start(ListenerConfig.onLoopback(0), OK)) {
      assertThatExceptionOfType(BindException.class)
          .isThrownBy(() -> start(ListenerConfig.onLoopback(first.port()), OK))
          .withMessageContaining("127.0.0.1:" + first.port())
          .withMessageContaining("expected: an address of this machine on which no other");
    }
  }

  @Test
  void releasesItsPortAndArenas() throws IOException {
    long before = NativeMemory.liveBytes();
    Listener listener =
        start(
            ListenerConfig.onLoopback(0).withEventLoops(1),
            exchange -> {
              exchange.loop().arenas().take().close();
              answer(exchange);
            });
    try (RawClient client = new RawClient(listener.port())) {
      assertThat(client.send(GET).read().status()).isEqualTo(200);
      assertThat(NativeMemory.liveBytes()).isGreaterThan(before);
    }
    listener.close();
    listener.close();
    assertThat(NativeMemory.liveBytes()).isEqualTo(before);
    start(ListenerConfig.onLoopback(listener.port()), OK).close();
  }

  @Test
  void drainsWhenEveryAcceptedRequestIsAnswered() throws Exception {
    BlockingQueue<HttpExchange> heldHttp = new LinkedBlockingQueue<>();
    BlockingQueue<UnaryCall> heldCalls = new LinkedBlockingQueue<>();
    GrpcService service =
        new GrpcService(
            List.of(new GrpcMethod.Unary("t.S/Held", (call, _) -> heldCalls.add(call))), 1000);
    Listener listener =
        Listener.start(
            ListenerConfig.onLoopback(0),
            new HttpProtocols(heldHttp::add, service, HttpLimits.DEFAULT));
    try (RawClient http = new RawClient(listener.port());
        RawClient idle = new RawClient(listener.port());
        Http2Client grpc = new Http2Client(listener.port())) {
      http.send(GET);
      Http2Client.Stream stream =
          grpc.open(Http2Client.grpc("/t.S/Held"), false).send(Http2Client.frame("x"), true);
      HttpExchange exchange = heldHttp.poll(20, TimeUnit.SECONDS);
      UnaryCall call = heldCalls.poll(20, TimeUnit.SECONDS);
      CompletableFuture<Boolean> drained =
          CompletableFuture.supplyAsync(() -> listener.drain(LONG));
      assertThat(idle.isClosedByServer()).isTrue();
      assertThat(drained).isNotDone();
      assertThat(exchange).isNotNull();
      assertThat(call).isNotNull();
      exchange.loop().execute(() -> answer(exchange));
      call.loop().execute(() -> call.reply(call.newMessage(0)));
      assertThat(http.read().headers()).containsEntry("connection", "close");
      assertThat(stream.answer().header("grpc-status")).isEqualTo("0");
      assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      listener.close();
    }
  }

  @Test
  void saysThatARequestWasNotAnsweredInTime() throws Exception {
    BlockingQueue<HttpExchange> held = new LinkedBlockingQueue<>();
    try (Listener listener = start(ListenerConfig.onLoopback(0), held::add);
        RawClient client = new RawClient(listener.port())) {
      client.send(GET);
      assertThat(held.poll(20, TimeUnit.SECONDS)).isNotNull();
      assertThat(listener.drain(Duration.ofMillis(300))).isFalse();
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  /** Each client asks until it is told to go; then every answer must have come. */
  @Test
  void losesNoRequestWhenItDrainsUnderLoad() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    AtomicInteger answered = new AtomicInteger();
    AtomicBoolean loaded = new AtomicBoolean();
    Listener listener =
        start(
            ListenerConfig.onLoopback(0).withEventLoops(2),
            exchange -> {
              loaded.set(handled.incrementAndGet() > 500);
              exchange.loop().execute(() -> answer(exchange));
            });
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    List<CompletableFuture<Void>> clients = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      RawClient client = new RawClient(listener.port());
      clients.add(CompletableFuture.runAsync(() -> askUntilTold(client, answered), threads));
    }
    while (!loaded.get()) {
      Thread.onSpinWait();
    }
    assertThat(listener.drain(LONG)).isTrue();
    CompletableFuture.allOf(clients.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
    listener.close();
    assertThat(answered.get()).isEqualTo(handled.get());
  }

  private static void askUntilTold(RawClient client, AtomicInteger answered) {
    try (client) {
      RawClient.Answer answer;
      do {
        answer = client.send(GET).read();
        answered.incrementAndGet();
      } while (!"close".equals(answer.headers().get("connection")));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void refusesConfigurationsThatListenOnNothing() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> ListenerConfig.onLoopback())
        .withMessageContaining("at least one");
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> ListenerConfig.onLoopback(1).withEventLoops(0))
        .withMessageContaining("event loops: 0 (expected: >= 1)");
    assertThat(ListenerConfig.onLoopback(8500).tcp())
        .containsExactly(new InetSocketAddress(InetAddress.getLoopbackAddress(), 8500));
  }

  @Test
  void refusesOneConnectionTooManyAndTakesTheNextWhenOneHasGone() throws Exception {
    ListenerConfig config =
        ListenerConfig.onLoopback(0).withSockets(SocketOptions.DEFAULT.withMaxConnections(2));
    try (Listener listener = start(config, OK);
        RawClient first = new RawClient(listener.port())) {
      RawClient second = new RawClient(listener.port());
      assertThat(first.send(GET).read().body()).isEqualTo("ok");
      assertThat(second.send(GET).read().body()).isEqualTo("ok");
      try (RawClient third = new RawClient(listener.port())) {
        RawClient.Answer answer = third.read();
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.body()).contains("connections: as many as may be (expected: try again");
        assertThat(third.isClosedByServer()).isTrue();
      }
      assertThat(listener.refusedConnections()).isEqualTo(1);
      second.close();
      long endNs = System.nanoTime() + LONG.toNanos();
      while (listener.openConnections() > 1 && System.nanoTime() - endNs < 0) {
        Thread.onSpinWait();
      }
      try (RawClient fourth = new RawClient(listener.port())) {
        assertThat(fourth.send(GET).read().body()).isEqualTo("ok");
      }
      assertThat(first.send(GET).read().body()).isEqualTo("ok");
    }
  }
}
