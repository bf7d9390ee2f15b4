package io.salver.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.buffer.ByteBuf;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.X509Bundle;
import io.salver.server.client.RawClient;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.grpc.GrpcService;
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
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TlsTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final TlsOptions NO_RELOAD = new TlsOptions(Duration.ofSeconds(10), Duration.ZERO);
  private static final String PLAIN_GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

  private final BlockingQueue<HttpExchange> held = new LinkedBlockingQueue<>();
  private Certificates certificates;
  private Listener listener;

  @BeforeEach
  void makeAuthority() throws Exception {
    certificates = new Certificates();
  }

  @AfterEach
  void stop() {
    if (listener != null) {
      listener.close();
    }
  }

  private void start(TlsSource source) throws Exception {
    start(source, NO_RELOAD, TlsContexts.best());
  }

  private TlsCredentials start(TlsSource source, TlsOptions options, SslProvider provider)
      throws Exception {
    TlsCredentials credentials = TlsCredentials.start(source, options, provider);
    GrpcService grpc =
        new GrpcService(List.of(new GrpcMethod.Unary("t.S/Echo", TlsTest::echo)), 1 << 20);
    listener =
        Listener.start(
            ListenerConfig.onLoopback(0).withEventLoops(1).withTls(credentials),
            new HttpProtocols(this::answer, grpc, HttpLimits.DEFAULT));
    return credentials;
  }

  private static void echo(UnaryCall call, ByteBuf message) {
    call.reply(call.newMessage(message.readableBytes()).writeBytes(message));
  }

  private void answer(HttpExchange exchange) {
    if (exchange.path().equals("/held")) {
      held.add(exchange);
    } else {
      ok(exchange);
    }
  }

  private static void ok(HttpExchange exchange) {
    ByteBuf body = exchange.newBody(2).writeBytes("ok".getBytes(StandardCharsets.US_ASCII));
    exchange.respond(200, "text/plain", body);
  }

  private HttpResponse<String> get(SSLContext context, Version version, String path)
      throws Exception {
    try (HttpClient client = HttpClient.newBuilder().sslContext(context).version(version).build()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("https://localhost:" + listener.port() + path))
              .timeout(LONG)
              .build(),
          BodyHandlers.ofString());
    }
  }

  private void assertServes(SSLContext context) throws Exception {
    assertThat(get(context, Version.HTTP_1_1, "/").body()).isEqualTo("ok");
  }

  @ParameterizedTest
  @EnumSource(
      value = SslProvider.class,
      names = {"JDK", "OPENSSL"})
  void speaksHttp1AndHttp2AndGrpcOnOnePort(SslProvider provider) throws Exception {
    assumeTrue(provider == SslProvider.JDK || OpenSsl.isAvailable(), "no BoringSSL here");
    X509Bundle server = certificates.issue("server");
    start(() -> Certificates.material(server), NO_RELOAD, provider);
    for (Version version : Version.values()) {
      if (version == Version.HTTP_1_1 || version == Version.HTTP_2) {
        HttpResponse<String> answer = get(certificates.client(null), version, "/");
        assertThat(answer.version()).isEqualTo(version);
        assertThat(answer.body()).isEqualTo("ok");
        assertThat(answer.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
      }
    }
    assertThat(grpcEcho("over TLS")).isEqualTo("over TLS");
  }

  private String grpcEcho(String message) throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", listener.port())
            .sslContext(
                GrpcSslContexts.forClient()
                    .trustManager(certificates.ca().getCertificate())
                    .build())
            .build();
    try {
      return ClientCalls.blockingUnaryCall(
          channel,
          MethodDescriptor.<String, String>newBuilder()
              .setType(MethodType.UNARY)
              .setFullMethodName("t.S/Echo")
              .setRequestMarshaller(new Text())
              .setResponseMarshaller(new Text())
              .build(),
          CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
          message);
    } finally {
      channel.shutdownNow();
    }
  }

  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream in) {
      try {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void aClientThatTrustsAnotherAuthorityRefusesAndHarmsNobody() throws Exception {
    X509Bundle server = certificates.issue("server");
    start(() -> Certificates.material(server));
    SSLContext stranger = new Certificates().client(null);
    assertThatThrownBy(() -> get(stranger, Version.HTTP_2, "/")).isInstanceOf(IOException.class);
    assertServes(certificates.client(null));
  }

  @ParameterizedTest
  @EnumSource(
      value = SslProvider.class,
      names = {"JDK", "OPENSSL"})
  void requiresAGoodClientCertificateWhereToldTo(SslProvider provider) throws Exception {
    assumeTrue(provider == SslProvider.JDK || OpenSsl.isAvailable(), "no BoringSSL here");
    X509Bundle server = certificates.issue("server");
    start(() -> certificates.material(server, ClientCertificates.REQUIRE), NO_RELOAD, provider);
    assertServes(certificates.client(certificates.issue("client")));
    assertRefused(certificates.client(null));
    assertRefused(certificates.client(new Certificates().issue("foreign")));
    Instant yesterday = Instant.now().minus(Duration.ofDays(1));
    assertRefused(certificates.client(certificates.issue("expired", yesterday)));
    assertServes(certificates.client(certificates.issue("another")));
  }

  private void assertRefused(SSLContext client) {
    assertThatThrownBy(() -> get(client, Version.HTTP_1_1, "/")).isInstanceOf(IOException.class);
  }

  @Test
  void takesClientsWithoutACertificateWhereItIsOptionalButNoBadOne() throws Exception {
    X509Bundle server = certificates.issue("server");
    start(() -> certificates.material(server, ClientCertificates.OPTIONAL));
    assertServes(certificates.client(null));
    assertServes(certificates.client(certificates.issue("client")));
    // A client that knows which authorities are asked for shows no other's certificate by itself.
    Instant yesterday = Instant.now().minus(Duration.ofDays(1));
    assertRefused(certificates.client(certificates.issue("expired", yesterday)));
  }

  @Test
  void tellsAClientThatSpeaksPlainTextWhatItShouldHaveDone() throws Exception {
    X509Bundle server = certificates.issue("server");
    start(() -> Certificates.material(server));
    try (RawClient client = new RawClient(listener.port())) {
      RawClient.Answer answer = client.send(PLAIN_GET).read();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("plain text on a port for TLS (expected: https");
      assertThat(client.isClosedByServer()).isTrue();
    }
    try (RawClient client = new RawClient(listener.port())) {
      client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(400);
    }
    assertServes(certificates.client(null));
  }

  @Test
  void cutsOffAClientThatDoesNotFinishItsHandshake() throws Exception {
    X509Bundle server = certificates.issue("server");
    start(
        () -> Certificates.material(server),
        new TlsOptions(Duration.ofMillis(100), Duration.ZERO),
        TlsContexts.best());
    try (RawClient client = new RawClient(listener.port())) {
      client.send(new byte[] {22, 3, 1, 1, 0, 1});
      client.readAll();
    }
  }

  @Test
  void survivesBytesThatOnlyBeginLikeTls() throws Exception {
    X509Bundle server = certificates.issue("server");
    start(() -> Certificates.material(server));
    try (RawClient client = new RawClient(listener.port())) {
      byte[] garbage = new byte[500];
      garbage[0] = 22;
      garbage[1] = 3;
      garbage[2] = 1;
      garbage[4] = 100;
      client.send(garbage);
      client.readAll();
    }
    assertServes(certificates.client(null));
  }

  @ParameterizedTest
  @EnumSource(
      value = SslProvider.class,
      names = {"JDK", "OPENSSL"})
  void doesNotNegotiateAgain(SslProvider provider) throws Exception {
    assumeTrue(provider == SslProvider.JDK || OpenSsl.isAvailable(), "no BoringSSL here");
    X509Bundle server = certificates.issue("server");
    start(() -> Certificates.material(server), NO_RELOAD, provider);
    try (SSLSocket socket = connect("TLSv1.2")) {
      socket.startHandshake();
      byte[] first = socket.getSession().getId();
      socket.getOutputStream().write(PLAIN_GET.getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().read()).isEqualTo('H');
      assertThatThrownBy(
              () -> {
                socket.startHandshake();
                socket.getInputStream().readAllBytes();
                assertThat(socket.getSession().getId()).isNotEqualTo(first);
                throw new IOException("it did not negotiate");
              })
          .isInstanceOf(IOException.class);
    }
    assertServes(certificates.client(null));
  }

  private SSLSocket connect(String protocol) throws Exception {
    SSLSocket socket =
        (SSLSocket)
            certificates
                .client(null)
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), listener.port());
    socket.setSoTimeout((int) LONG.toMillis());
    socket.setEnabledProtocols(new String[] {protocol});
    return socket;
  }

  @Test
  void saysThatNothingFollowsBeforeItCloses() throws Exception {
    X509Bundle server = certificates.issue("server");
    start(() -> Certificates.material(server));
    try (SSLSocket socket = connect("TLSv1.3")) {
      String get = PLAIN_GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
      socket.getOutputStream().write(get.getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 200 OK")
          .endsWith("ok");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Version.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void answersWhatWasAcceptedWhileItDrains(Version version) throws Exception {
    X509Bundle server = certificates.issue("server");
    start(() -> Certificates.material(server));
    CompletableFuture<HttpResponse<String>> answer =
        CompletableFuture.supplyAsync(() -> {
          try {
            return get(certificates.client(null), version, "/held");
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    HttpExchange exchange = held.poll(20, TimeUnit.SECONDS);
    CompletableFuture<Boolean> drained = CompletableFuture.supplyAsync(() -> listener.drain(LONG));
    exchange.loop().execute(() -> ok(exchange));
    assertThat(answer.get(20, TimeUnit.SECONDS).body()).isEqualTo("ok");
    assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
  }
}
