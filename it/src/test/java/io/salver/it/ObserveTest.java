package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a whole server tells of its requests: costs, logs, spans, metrics, and a dashboard of them.
 */
class ObserveTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final Pattern METRIC = Pattern.compile("\\b(?:salver|process|jvm)_[a-z_]+\\b");

  @TempDir Path temporary;

  private final List<Span> spans = new CopyOnWriteArrayList<>();
  private final List<Metric> metrics = new CopyOnWriteArrayList<>();
  private HttpServer receiver;

  /** Reads a message. */
  private interface Reader {
    void read(InputStream in) throws IOException;
  }

  @BeforeEach
  void receive() throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receive("/v1/traces", in -> spans.addAll(spans(in)));
    receive("/v1/metrics", in -> metrics.addAll(metrics(in)));
    receiver.start();
  }

  @AfterEach
  void close() {
    receiver.stop(0);
  }

  private void receive(String path, Reader reader) {
    receiver.createContext(
        path,
        call -> {
          try (InputStream body = new GZIPInputStream(call.getRequestBody())) {
            reader.read(body);
          }
          call.sendResponseHeaders(200, -1);
          call.close();
        });
  }

  private static List<Span> spans(InputStream in) throws IOException {
    return ExportTraceServiceRequest.parseFrom(in).getResourceSpansList().stream()
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .toList();
  }

  private static List<Metric> metrics(InputStream in) throws IOException {
    return ExportMetricsServiceRequest.parseFrom(in).getResourceMetricsList().stream()
        .flatMap(resource -> resource.getScopeMetricsList().stream())
        .flatMap(scope -> scope.getMetricsList().stream())
        .toList();
  }

  private RunningServer start() throws Exception {
    Path config =
        Files.writeString(
            temporary.resolve("salver.yaml"),
            """
            models:
              - {name: %s, base_path: %s, cache: {max_size: 1MiB}}
            costs: {currency: EUR, cpu_second: 2, memory_gb_second: 1}
            access_log: {output: files, directory: %s}
            slow_log: {threshold: 1us}
            telemetry: {endpoint: "http://127.0.0.1:%d", sampling: 0}
            """
                .formatted(
                    HalfPlusTwoCalls.NAME,
                    HalfPlusTwoCalls.directory(),
                    temporary,
                    receiver.getAddress().getPort()));
    return RunningServer.start("--config=" + config);
  }

  @Test
  void everythingIsToldOfTheSameRequests() throws Exception {
    try (RunningServer server = start()) {
      byte[] body = HalfPlusTwoCalls.json(3).getBytes(StandardCharsets.UTF_8);
      String parent = "00-" + TRACE + "-00f067aa0ba902b7-01";
      String path = "/v1/models/half_plus_two:predict";
      assertThat(server.rest().post(path, body, "traceparent", parent).status()).isEqualTo(200);
      assertThat(server.rest().post("/v1/models/none:predict", body).status()).isEqualTo(404);
      assertThat(
              HalfPlusTwoCalls.problem(
                  5, server.grpc().call(GrpcClient.PREDICT, HalfPlusTwoCalls.request(5))))
          .isEmpty();

      assertCosts(server.rest().get("/v1/costs").json().getAsJsonObject());
      assertDashboardShows(server.rest().get("/metrics").body());
      assertThat(server.process().awaitLine("Slow request: Predict of half_plus_two/"))
          .contains("decode")
          .contains("run");

      server.process().terminate();
      assertThat(server.process().exitCode()).isZero();
    }
    assertLogged(Files.readAllLines(temporary.resolve("access-00000.jsonl")));
    assertThat(spans)
        .extracting(Span::getName)
        .contains("Predict half_plus_two", "decode", "run", "encode");
    assertThat(spans)
        .allMatch(span -> HexFormat.of().formatHex(span.getTraceId().toByteArray()).equals(TRACE));
    assertThat(metrics)
        .extracting(Metric::getName)
        .contains("salver_requests_total", "salver_cpu_seconds_total", "jvm_memory_used_bytes");
  }

  private static void assertCosts(JsonObject costs) {
    assertThat(costs.get("currency").getAsString()).isEqualTo("EUR");
    JsonObject model = costs.getAsJsonArray("models").get(0).getAsJsonObject();
    assertThat(model.get("model").getAsString()).isEqualTo("half_plus_two");
    assertThat(model.get("predictions").getAsLong()).isEqualTo(2);
    assertThat(model.get("cpu_seconds").getAsDouble()).isPositive();
    assertThat(model.get("memory_gb_seconds").getAsDouble()).isPositive();
    assertThat(model.get("cost_per_1000").getAsDouble())
        .isEqualTo(model.get("cost").getAsDouble() * 500);
  }

  private static void assertLogged(List<String> lines) {
    assertThat(lines).hasSize(3);
    JsonObject rest = JsonParser.parseString(lines.get(0)).getAsJsonObject();
    assertThat(rest.get("protocol").getAsString()).isEqualTo("REST");
    assertThat(rest.get("status").getAsString()).isEqualTo("OK");
    assertThat(rest.get("remote").getAsString()).startsWith("127.0.0.1:");
    assertThat(rest.get("trace_id").getAsString()).isEqualTo(TRACE);
    JsonObject refused = JsonParser.parseString(lines.get(1)).getAsJsonObject();
    assertThat(refused.get("status").getAsString()).isEqualTo("NOT_FOUND");
    assertThat(refused.has("version")).isFalse();
    JsonObject grpc = JsonParser.parseString(lines.get(2)).getAsJsonObject();
    assertThat(grpc.get("protocol").getAsString()).isEqualTo("GRPC");
    for (JsonObject line : List.of(rest, refused, grpc)) {
      assertThat(line.get("request_bytes").getAsLong()).isPositive();
    }
    for (JsonObject line : List.of(rest, grpc)) {
      assertThat(line.get("response_bytes").getAsLong()).isPositive();
      assertThat(line.get("run_us").getAsDouble()).isPositive();
    }
  }

  /** Every panel is whole, has a place of its own, and asks for metrics that there are. */
  private static void assertDashboardShows(String page) throws IOException {
    Path file = SalverProcess.root().resolve("dashboards/salver.json");
    JsonObject dashboard = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    assertThat(dashboard.get("schemaVersion").getAsInt()).isGreaterThanOrEqualTo(36);
    assertThat(dashboard.get("uid").getAsString()).isEqualTo("salver");
    Set<String> variables = new HashSet<>(Set.of("__rate_interval"));
    JsonArray templates = dashboard.getAsJsonObject("templating").getAsJsonArray("list");
    templates.forEach(v -> variables.add(v.getAsJsonObject().get("name").getAsString()));
    Set<Integer> ids = new HashSet<>();
    Set<String> places = new HashSet<>();
    int expressions = 0;
    for (JsonElement each : dashboard.getAsJsonArray("panels")) {
      JsonObject panel = each.getAsJsonObject();
      String title = panel.get("title").getAsString();
      assertThat(ids.add(panel.get("id").getAsInt())).as(title).isTrue();
      JsonObject grid = panel.getAsJsonObject("gridPos");
      int right = grid.get("x").getAsInt() + grid.get("w").getAsInt();
      assertThat(right).as(title).isBetween(1, 24);
      assertThat(places.add(grid.get("x") + "," + grid.get("y"))).as(title).isTrue();
      if (panel.get("type").getAsString().equals("row")) {
        continue;
      }
      for (JsonElement target : panel.getAsJsonArray("targets")) {
        assertExposed(title, target.getAsJsonObject().get("expr").getAsString(), variables, page);
        expressions++;
      }
    }
    assertThat(expressions).isGreaterThan(15);
    for (JsonElement template : templates) {
      JsonElement definition = template.getAsJsonObject().get("definition");
      if (definition != null) {
        assertExposed("a variable", definition.getAsString(), variables, page);
      }
    }
  }

  private static void assertExposed(
      String where, String expression, Set<String> variables, String page) {
    Matcher names = METRIC.matcher(expression);
    assertThat(names.find()).as("%s: %s", where, expression).isTrue();
    names.reset();
    while (names.find()) {
      assertThat(page)
          .as("%s: %s", where, expression)
          .containsPattern("(?m)^" + names.group() + "[ {]");
    }
    Matcher used = Pattern.compile("\\$(\\w+)").matcher(expression);
    while (used.find()) {
      assertThat(variables).as("%s: %s", where, expression).contains(used.group(1));
    }
  }
}
