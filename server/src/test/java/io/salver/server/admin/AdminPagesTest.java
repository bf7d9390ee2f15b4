package io.salver.server.admin;

import static io.salver.server.metrics.FakeServedModels.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.lifecycle.VersionState;
import io.salver.server.http.HttpProtocols;
import io.salver.server.metrics.FakeServedModels;
import io.salver.server.metrics.MetricPage;
import io.salver.server.metrics.MetricSource;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminPagesTest {
  private static final String PAGE = "# HELP g A gauge.\n# TYPE g gauge\ng 1\n";

  private final FakeServedModels served = new FakeServedModels();
  private final AtomicBoolean draining = new AtomicBoolean();
  private final AtomicReference<MetricSource> source = new AtomicReference<>();
  private final AtomicReference<Supplier<byte[]>> costs = new AtomicReference<>();
  private final AdminPages pages =
      new AdminPages(
          served,
          draining::get,
          new MetricPage(List.of(out -> source.get().writeTo(out))),
          AdminPages.TF_METRICS_PATH,
          () -> costs.get().get(),
          "1.2.3");
  private final HttpClient client = HttpClient.newHttpClient();
  private Listener listener;

  @BeforeEach
  void listen() throws IOException {
    source.set(out -> {
      out.gauge("g", "A gauge.");
      out.sample("", 1);
    });
    listener = Listener.start(ListenerConfig.onLoopback(0), HttpProtocols.plain(pages));
  }

  @AfterEach
  void close() {
    client.close();
    listener.close();
  }

  private HttpResponse<byte[]> send(String method, String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(method + " " + path, e);
    }
  }

  private String get(int expectedStatus, String path) {
    HttpResponse<byte[]> response = send("GET", path);
    String body = new String(response.body(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(response.statusCode()).as(body).isEqualTo(expectedStatus);
    return body;
  }

  @Test
  void metricsAreAtBothPaths() {
    assertThat(get(200, "/metrics")).isEqualTo(PAGE);
    assertThat(get(200, "/monitoring/prometheus/metrics")).isEqualTo(PAGE);
    assertThat(send("GET", "/metrics").headers().firstValue("content-type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
  }

  @Test
  void metricsAreZippedForThoseWhoAsk() throws IOException {
    HttpResponse<byte[]> response =
        send("GET", "/metrics", "accept-encoding", "deflate, gzip;q=0.5");

    assertThat(response.headers().firstValue("content-encoding")).contains("gzip");
    assertThat(new GZIPInputStream(new ByteArrayInputStream(response.body())).readAllBytes())
        .asString()
        .isEqualTo(PAGE);
  }

  @Test
  void gzipIsNotTakenForGrantedOrForced() {
    assertThat(AdminPages.accepts(null, "gzip")).isFalse();
    assertThat(AdminPages.accepts("", "gzip")).isFalse();
    assertThat(AdminPages.accepts("identity", "gzip")).isFalse();
    assertThat(AdminPages.accepts("gzip;q=0", "gzip")).isFalse();
    assertThat(AdminPages.accepts("br, gzip ; q=0.000", "gzip")).isFalse();
    assertThat(AdminPages.accepts("gzip;;;,", "gzip")).isTrue();
    assertThat(AdminPages.accepts("GZIP", "gzip")).isTrue();
    assertThat(AdminPages.accepts("gzip; q=0.001", "gzip")).isTrue();
  }

  @Test
  void aSourceThatFailsIsAnsweredAndTheServerGoesOn() {
    source.set(out -> {
      throw new IllegalStateException("test");
    });

    assertThat(get(500, "/metrics")).contains("see the server's log");
    assertThat(get(200, "/healthz")).isEqualTo("ok\n");
  }

  @Test
  void readinessFollowsTheModelsAndSaysWhatIsWaitedFor() {
    served.set("half", "", "loading", version(3, VersionState.LOADING, "warming\nup"));
    served.set("eta", "onnx", "", version(1, VersionState.AVAILABLE, ""));
    assertThat(get(503, "/readyz"))
        .isEqualTo(
            """
            not ready
            model half: not available: loading
              version 3: LOADING: warming up
            """);
    assertThat(get(200, "/healthz")).isEqualTo("ok\n");

    served.setReady(true);
    assertThat(get(200, "/readyz")).isEqualTo("ready\n");

    draining.set(true);
    assertThat(get(503, "/readyz")).isEqualTo("not ready: draining\n");
    assertThat(get(200, "/healthz")).isEqualTo("ok\n");
  }

  @Test
  void versionIsJson() {
    assertThat(get(200, "/version"))
        .isEqualTo(
            "{\"name\": \"salver\", \"version\": \"1.2.3\", \"java\": \""
                + Runtime.version()
                + "\"}\n");
  }

  @Test
  void otherMethodsAreRefused() {
    for (String method : List.of("POST", "DELETE", "PUT")) {
      HttpResponse<byte[]> response = send(method, "/metrics");
      assertThat(response.statusCode()).isEqualTo(405);
      assertThat(response.headers().firstValue("allow")).contains("GET, HEAD");
      assertThat(response.body())
          .asString()
          .isEqualTo("method: " + method + " (expected: GET or HEAD)\n");
    }
  }

  @Test
  void headIsAnsweredWithoutABody() {
    HttpResponse<byte[]> response = send("HEAD", "/metrics");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
  }

  @Test
  void costsAreJson() {
    costs.set(() -> "{\"models\": []}".getBytes(StandardCharsets.UTF_8));
    HttpResponse<byte[]> answer = send("GET", "/v1/costs");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).contains("application/json");
    assertThat(new String(answer.body(), StandardCharsets.UTF_8)).isEqualTo("{\"models\": []}");
    assertThat(send("POST", "/v1/costs").statusCode()).isEqualTo(405);
  }

  @Test
  void costsThatCannotBeReadAreAnError() {
    costs.set(() -> {
      throw new IllegalStateException("broken");
    });

    assertThat(send("GET", "/v1/costs").statusCode()).isEqualTo(500);
  }

  @Test
  void onlyItsOwnPathsMatch() {
    assertThat(
            List.of(
                "/metrics",
                "/healthz",
                "/readyz",
                "/version",
                "/v1/costs",
                AdminPages.TF_METRICS_PATH))
        .allMatch(pages::matches);
    assertThat(List.of("/", "", "/metrics/", "/v1/models", "/HEALTHZ")).noneMatch(pages::matches);
  }

  @Test
  void aMetricsPathWithoutASlashIsRefused() {
    assertThatThrownBy(() ->
            new AdminPages(
                served, () -> false, new MetricPage(List.of()), "metrics", () -> new byte[0], "1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("metrics path: \"metrics\" (expected: a path that begins with /)");
  }
}
