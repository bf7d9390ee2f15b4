package io.salver.server.console;

import static io.salver.server.metrics.FakeServedModels.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.salver.lifecycle.VersionState;
import io.salver.server.client.RawClient;
import io.salver.server.http.CompressedAnswers;
import io.salver.server.http.HttpProtocols;
import io.salver.server.metrics.FakeServedModels;
import io.salver.server.metrics.PredictionMetrics;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleTest {
  private final FakeServedModels served = new FakeServedModels();
  private final Console console =
      new Console(
          served,
          new PredictionMetrics(served, System::nanoTime),
          Map.of("in_flight", () -> 3),
          "1.2.3");
  private final HttpClient client = HttpClient.newHttpClient();
  private Listener listener;

  @BeforeEach
  void listen() throws IOException {
    listener =
        Listener.start(
            ListenerConfig.onLoopback(0), HttpProtocols.plain(new CompressedAnswers(console, 100)));
  }

  @AfterEach
  void close() {
    console.close();
    client.shutdownNow();
    listener.close();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + path));
  }

  private HttpResponse<byte[]> send(String method, String path, String... headers) {
    HttpRequest.Builder request = request(path).method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return client.send(request.build(), BodyHandlers.ofByteArray());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(method + " " + path, e);
    }
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  @Test
  void theRootLeadsToTheConsole() {
    HttpResponse<byte[]> response = send("GET", "/");

    assertThat(response.statusCode()).isEqualTo(302);
    assertThat(header(response, "location")).isEqualTo("/console/");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/console",
        "/console/",
        "/console/models/half_plus_two",
        "/console/models/%2e%2e%2f..%2fetc",
        "/console/anything/../else"
      })
  void everyScreenIsThePage(String path) {
    HttpResponse<byte[]> response = send("GET", path);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(header(response, "content-type")).isEqualTo("text/html; charset=utf-8");
    assertThat(response.body()).asString(StandardCharsets.UTF_8).startsWith("<!doctype html>");
  }

  @Test
  void everyFileIsServedWithItsTypeAndIsUnderstoodWhenCompressed() throws IOException {
    for (String name : ConsoleFiles.NAMES) {
      HttpResponse<byte[]> plain = send("GET", ConsoleFiles.ASSETS + name);
      HttpResponse<byte[]> zipped =
          send("GET", ConsoleFiles.ASSETS + name, "accept-encoding", "br, gzip");

      assertThat(plain.statusCode()).as(name).isEqualTo(200);
      assertThat(header(plain, "content-type"))
          .as(name)
          .matches("text/(css|javascript); charset=utf-8|image/svg\\+xml");
      assertThat(header(plain, "content-encoding")).isEmpty();
      assertThat(header(zipped, "content-encoding")).isEqualTo("gzip");
      assertThat(new GZIPInputStream(new ByteArrayInputStream(zipped.body())).readAllBytes())
          .as(name)
          .isEqualTo(plain.body());
    }
  }

  @Test
  void everyFileOfThePackageIsServed() throws IOException {
    Path resources = Path.of("src/main/resources/io/salver/server/console");
    try (Stream<Path> files = Files.list(resources)) {
      TreeSet<String> names = new TreeSet<>(ConsoleFiles.NAMES);
      names.add("index.html");
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsAll(names)
          .hasSameSizeAs(names);
    }
  }

  @Test
  void aCopyThatIsStillGoodIsNotSentAgain() {
    HttpResponse<byte[]> first = send("GET", ConsoleFiles.ASSETS + "main.js");
    HttpResponse<byte[]> second =
        send("GET", ConsoleFiles.ASSETS + "main.js", "if-none-match", header(first, "etag"));
    HttpResponse<byte[]> other =
        send("GET", ConsoleFiles.ASSETS + "main.js", "if-none-match", "W/\"0\"");

    assertThat(header(first, "cache-control")).isEqualTo("no-cache");
    assertThat(second.statusCode()).isEqualTo(304);
    assertThat(second.body()).isEmpty();
    assertThat(header(second, "etag")).isEqualTo(header(first, "etag"));
    assertThat(other.statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/console/assets/",
        "/console/assets/nothing.js",
        "/console/assets/Console.class",
        "/console/assets/../index.html",
        "/console/assets/../../../../../../etc/passwd",
        "/console/assets/%2e%2e/index.html",
        "/console/assets/..%2f..%2fmetrics%2fpackage-info.class",
        "/console/assets//etc/passwd",
        "/console/assets/main.js%00.svg",
        "/console/assets/main.js/"
      })
  void noPathLeadsOutOfTheFiles(String path) throws IOException {
    try (RawClient raw = new RawClient(listener.port())) {
      RawClient.Answer answer = raw.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n").read();

      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.body()).isEqualTo("no such file\n");
    }
  }

  @Test
  void headHasNoBodyAndOtherMethodsAreRefused() {
    HttpResponse<byte[]> head = send("HEAD", "/console/");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    for (String path : List.of("/", "/console/", ConsoleFiles.ASSETS + "main.js")) {
      HttpResponse<byte[]> post = send("POST", path);
      assertThat(post.statusCode()).isEqualTo(405);
      assertThat(header(post, "allow")).isEqualTo("GET, HEAD");
    }
    HttpResponse<byte[]> events = send("HEAD", Console.EVENTS);
    assertThat(events.statusCode()).isEqualTo(405);
    assertThat(header(events, "allow")).isEqualTo("GET");
  }

  @Test
  void onlyItsOwnPathsMatch() {
    assertThat(List.of("/", "/console", "/console/", "/console/x/y", "/v1/events"))
        .allMatch(Console::matches);
    assertThat(List.of("", "/consoles", "/v1/models", "/v1/events/", "/CONSOLE", "//"))
        .noneMatch(Console::matches);
  }

  @Test
  void eventsComeAgainAndAgain() throws Exception {
    served.set("half", "onnx", "", version(3, VersionState.AVAILABLE, ""));
    HttpResponse<java.io.InputStream> response =
        client.send(request(Console.EVENTS).build(), BodyHandlers.ofInputStream());

    assertThat(header(response, "content-type")).isEqualTo("text/event-stream");
    assertThat(header(response, "cache-control")).isEqualTo("no-store");
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      for (int i = 0; i < 2; i++) {
        assertThat(lines.readLine()).isEqualTo("event: state");
        assertThat(lines.readLine())
            .startsWith("data: {\"time\":")
            .contains("\"salver\":\"1.2.3\"", "\"in_flight\":3", "{\"name\":\"half\"")
            .endsWith("]}");
        assertThat(lines.readLine()).isEmpty();
      }
      console.close();
      assertThat(lines.lines().filter(line -> line.startsWith("event")).count()).isLessThan(2);
    } catch (UncheckedIOException e) {
      throw new AssertionError("the stream did not end in order", e);
    }
  }
}
