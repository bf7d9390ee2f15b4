package io.salver.server.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.server.client.RawClient;
import io.salver.server.http.HttpProtocols;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StateFeedTest {
  private static final String REQUEST = "GET /v1/events HTTP/1.1\r\nHost: a\r\n\r\n";

  private final AtomicInteger made = new AtomicInteger();
  private final CountDownLatch quiet = new CountDownLatch(1);
  private volatile byte[] event = bytes("data: x\n\n");
  private final StateFeed feed =
      new StateFeed(
          () -> {
            made.incrementAndGet();
            return event;
          },
          quiet::countDown,
          Duration.ofMillis(5));
  private Listener listener;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @BeforeEach
  void listen() throws IOException {
    listener = Listener.start(ListenerConfig.onLoopback(0), HttpProtocols.plain(feed::answer));
  }

  @AfterEach
  void close() {
    feed.close();
    listener.close();
  }

  @Test
  void nothingIsMadeWhileNobodyListens() throws Exception {
    assertThat(made).hasValue(0);
    try (RawClient client = new RawClient(listener.port())) {
      assertThat(client.send(REQUEST).readHead().status()).isEqualTo(200);
    }

    assertThat(quiet.await(20, TimeUnit.SECONDS)).as("noticed that the listener left").isTrue();
    assertThat(feed.size()).isZero();
  }

  @Test
  void moreListenersThanThereMayBeAreRefused() throws Exception {
    List<RawClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < StateFeed.MAX_LISTENERS; i++) {
        RawClient client = new RawClient(listener.port());
        clients.add(client);
        assertThat(client.send(REQUEST).readHead().status()).isEqualTo(200);
      }
      try (RawClient client = new RawClient(listener.port())) {
        RawClient.Answer refused = client.send(REQUEST).read();

        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.headers()).containsEntry("retry-after", "10");
        assertThat(refused.body()).isEqualTo("listeners: 32 already (expected: fewer)\n");
      }
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  @Test
  void aListenerThatDoesNotReadIsLetGo() throws Exception {
    event = new byte[4 << 20];
    try (RawClient client = new RawClient(listener.port())) {
      client.send(REQUEST);

      assertThat(quiet.await(20, TimeUnit.SECONDS)).as("let the listener go").isTrue();
    }
  }

  @Test
  void anEventThatCannotBeMadeDoesNotEndTheOthers() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    StateFeed failing =
        new StateFeed(
            () -> {
              if (asked.incrementAndGet() < 3) {
                throw new IllegalStateException("test");
              }
              return bytes("data: at last\n\n");
            },
            () -> {},
            Duration.ofMillis(5));
    try (Listener other =
            Listener.start(ListenerConfig.onLoopback(0), HttpProtocols.plain(failing::answer));
        RawClient client = new RawClient(other.port())) {
      client.send("GET / HTTP/1.0\r\n\r\n");
      client.readHead();
      Thread.ofVirtual()
          .start(() -> {
            while (asked.get() < 4) {
              Thread.onSpinWait();
            }
            failing.close();
          });

      assertThat(client.readAll()).asString().startsWith("data: at last\n\n");
    }
  }

  @Test
  void whoComesAfterTheEndIsRefused() throws Exception {
    feed.close();
    try (RawClient client = new RawClient(listener.port())) {
      assertThat(client.send(REQUEST).read().status()).isEqualTo(503);
    }
  }
}
