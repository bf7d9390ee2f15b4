package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A server of the example models that takes small requests only, to be sent bad ones. */
final class SmallServer implements AutoCloseable {
  /** The most bytes of a request. */
  static final int LARGEST_REQUEST = 1 << 20;

  /** For the server to notice that clients have gone. */
  static final Duration RECOVERY = Duration.ofSeconds(30);

  /** What event loops may keep of tensor memory for the requests to come. */
  private static final double POOLED_BYTES = 1 << 20;

  private final RunningServer server;
  private final double baseBytes;

  private SmallServer(RunningServer server) throws Exception {
    this.server = server;
    assertServes();
    this.baseBytes = server.metric("salver_native_memory_bytes");
  }

  static SmallServer start(Path temporary) throws Exception {
    Path config =
        Files.writeString(
            temporary.resolve("salver.yaml"),
            """
            models:
              - {name: %s, base_path: %s}
              - {name: eta, base_path: %s, versions: all, labels: {stable: 1}}
            limits:
              max_request_size: %dB
              max_request_tensor_size: 16MiB
            """
                .formatted(
                    HalfPlusTwoCalls.NAME,
                    HalfPlusTwoCalls.directory(),
                    HalfPlusTwoCalls.directory().resolveSibling("food_delivery_eta"),
                    LARGEST_REQUEST));
    return new SmallServer(RunningServer.start("--config=" + config));
  }

  RunningServer server() {
    return server;
  }

  /** Fails the test if a good request is not answered, by either protocol. */
  void assertServes() throws IOException, InterruptedException {
    RestClient.Answer rest =
        server.rest().post("/v1/models/half_plus_two:predict", HalfPlusTwoCalls.json(3));
    assertThat(HalfPlusTwoCalls.problem(3, rest.body())).isEmpty();
    assertThat(
            HalfPlusTwoCalls.problem(
                3, server.grpc().call(GrpcClient.PREDICT, HalfPlusTwoCalls.request(3))))
        .isEmpty();
  }

  /** Fails the test if memory or requests stay behind of what it was sent. */
  void assertKeptNothing() throws Exception {
    Await.until("no request in flight", RECOVERY, () -> inFlight() <= 0);
    Await.until(
        "native memory back at " + baseBytes,
        RECOVERY,
        () -> server.metric("salver_native_memory_bytes") <= baseBytes + POOLED_BYTES);
  }

  private double inFlight() throws IOException, InterruptedException {
    return server.metric("salver_inflight_requests");
  }

  @Override
  public void close() {
    server.close();
  }
}
