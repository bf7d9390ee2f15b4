package io.salver.cli;

import io.salver.cli.config.ListenConfig;
import io.salver.cli.config.SalverConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.util.Base64;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/**
 * {@code salver prepare}: serves the example models to itself for a moment, so that the virtual
 * machine can record what a start needs ({@code -XX:AOTCacheOutput}). The launcher runs it after a
 * build.
 */
@Command(
    name = "prepare",
    hidden = true,
    description = "Serves the example models to itself once; the launcher records what that needs.")
final class PrepareCommand implements Callable<Integer> {
  private static final int REQUESTS = 200;
  private static final String BODY = "{\"instances\": [1.0, 2.0, 5.0]}";

  @Override
  public Integer call() throws IOException, InterruptedException {
    int port = freePort();
    SalverConfig config = ExampleModels.config(ListenConfig.onThisMachine(port, 0));
    try (SalverServer server = SalverServer.start(config);
        HttpClient client = HttpClient.newHttpClient()) {
      server.awaitReady();
      for (int i = 0; i < REQUESTS; i++) {
        Version version = i % 2 == 0 ? Version.HTTP_1_1 : Version.HTTP_2;
        ask(client, version, port, "/v1/models/half_plus_two:predict", BODY);
      }
      String image = Base64.getEncoder().encodeToString(Files.readAllBytes(ExampleModels.image()));
      ask(
          client,
          Version.HTTP_1_1,
          port,
          "/v1/models/dish:predict",
          "{\"instances\": [{\"b64\": \"" + image + "\"}]}");
      ask(client, Version.HTTP_1_1, port, "/readyz", null);
      ask(client, Version.HTTP_1_1, port, "/v1/models", null);
      ask(client, Version.HTTP_1_1, port, "/metrics", null);
    }
    return 0;
  }

  private static void ask(
      HttpClient client, Version version, int port, String path, @Nullable String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).version(version);
    if (body != null) {
      request.POST(BodyPublishers.ofString(body));
    }
    client.send(request.build(), BodyHandlers.discarding());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
