package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM: what was accepted is answered, and the process ends with 0. */
class DrainTest {
  private static final String PREDICT = "/v1/models/half_plus_two:predict";
  private static final int GRPC_CONNECTIONS = 4;
  private static final int STREAMS = 8;
  private static final int HTTP_CONNECTIONS = 8;
  private static final long CALLS_BEFORE_THE_SIGNAL = 500;
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(2);
  private static final Duration EXIT_SLACK = Duration.ofSeconds(15);

  @TempDir Path temporary;

  private static RunningServer start(String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--model_name=" + HalfPlusTwoCalls.NAME);
    all.add("--model_base_path=" + HalfPlusTwoCalls.directory());
    return RunningServer.start(all.toArray(String[]::new));
  }

  @Test
  void everyAcceptedRequestIsAnsweredAndTheExitCodeIsZero() throws Exception {
    try (RunningServer server = start()) {
      List<DrainClient> clients = new ArrayList<>();
      List<GrpcClient> channels = new ArrayList<>();
      for (int connection = 0; connection < GRPC_CONNECTIONS; connection++) {
        GrpcClient channel = new GrpcClient(server.grpcPort());
        channels.add(channel);
        for (int stream = 0; stream < STREAMS; stream++) {
          clients.add(new GrpcDrainClient(channel));
        }
      }
      for (int connection = 0; connection < HTTP_CONNECTIONS; connection++) {
        clients.add(new HttpDrainClient(server.restPort()));
      }
      List<Thread> threads = clients.stream().map(c -> Thread.ofPlatform().start(c)).toList();
      Await.until(
          "calls of every client",
          () -> clients.stream().allMatch(c -> c.answered() >= CALLS_BEFORE_THE_SIGNAL));
      server.process().terminate();
      assertThat(server.process().exitCode()).as(server.process().output()).isZero();
      for (Thread thread : threads) {
        thread.join();
      }
      channels.forEach(GrpcClient::close);
      assertThat(clients.stream().flatMap(c -> c.problems().stream())).isEmpty();
    }
  }

  @Test
  void whileDrainingReadyzIs503AndARequestThatHadBegunIsAnswered() throws Exception {
    try (RunningServer server = start();
        RawConnection probe = new RawConnection(server.restPort());
        RawConnection slow = new RawConnection(server.restPort())) {
      String readyz = "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n";
      probe.send(readyz);
      assertThat(probe.read().status()).isEqualTo(200);
      String rest = sendAllButTheEnd(slow);
      server.process().terminate();
      Await.until("not ready", () -> status(probe, readyz) == 503);
      slow.send(rest);
      RawConnection.Answer answer = slow.read();
      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      assertThat(HalfPlusTwoCalls.problem(7, answer.body())).isEmpty();
      assertThat(server.process().exitCode()).isZero();
    }
  }

  private static int status(RawConnection connection, String request) throws Exception {
    connection.send(request);
    return connection.read().status();
  }

  /**
   * Sends a request, which is answered, and on the same connection another one but for its end.
   *
   * @return that end
   */
  private static String sendAllButTheEnd(RawConnection connection) throws Exception {
    String request = RawConnection.post(PREDICT, HalfPlusTwoCalls.json(7));
    connection.send(request);
    assertThat(connection.read().status()).isEqualTo(200);
    int length = request.length() - 1;
    connection.send(request.substring(0, length));
    return request.substring(length);
  }

  @Test
  void aServerWithoutRequestsStopsAtOnce() throws Exception {
    try (RunningServer server = start()) {
      long startNs = System.nanoTime();
      server.process().terminate();
      assertThat(server.process().exitCode()).isZero();
      assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(EXIT_SLACK);
    }
  }

  @Test
  void aClientThatNeverEndsItsRequestHoldsTheProcessNoLongerThanTheLimit() throws Exception {
    Path config =
        Files.writeString(
            temporary.resolve("salver.yaml"),
            "lifecycle:\n  drain_limit: " + DRAIN_LIMIT.toMillis() + "ms\n");
    try (RunningServer server = start("--config=" + config);
        RawConnection slow = new RawConnection(server.restPort())) {
      sendAllButTheEnd(slow);
      long startNs = System.nanoTime();
      server.process().terminate();
      server.process().exitCode();
      assertThat(Duration.ofNanos(System.nanoTime() - startNs))
          .isLessThan(DRAIN_LIMIT.plus(EXIT_SLACK));
    }
  }
}
