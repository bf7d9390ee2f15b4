package io.salver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.salver.cli.config.EndpointsConfig;
import io.salver.cli.config.ListenConfig;
import io.salver.cli.config.SalverConfig;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.VersionPolicy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command, and the REST API behind it, with a server of the example models. */
class EndpointsCommandTest {
  private static final String SPLIT =
      """
      name: churn
      objective_ms: 50
      policy:
        type: split
        routes:
          - {model: half_plus_two, weight: 100}
          - {model: dish, weight: 0}
      """;

  @TempDir Path directory;
  private SalverServer server;
  private int port;

  private record Ran(int code, String out, String err) {}

  @BeforeEach
  void start() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    serve();
  }

  private void serve() throws IOException {
    Path state = directory.resolve("state");
    server =
        SalverServer.start(
            SalverConfig.DEFAULT
                .withListen(ListenConfig.onThisMachine(port, 0))
                .withModels(List.of(model("half_plus_two"), model("dish")))
                .withEndpoints(new EndpointsConfig(Optional.of(state), List.of())));
  }

  private static ModelConfig model(String name) {
    Path examples = Path.of("../examples/models").toAbsolutePath();
    return new ModelConfig(name, examples.resolve(name), "", VersionPolicy.LATEST, Map.of());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Ran endpoints(String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = "endpoints";
    all[1] = arguments[0];
    all[2] = "--address";
    all[3] = "127.0.0.1:" + port;
    System.arraycopy(arguments, 1, all, 4, arguments.length - 1);
    return run(all);
  }

  private static Ran run(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ByteArrayOutputStream complained = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
      int code = Main.run(arguments);
      return new Ran(
          code,
          printed.toString(StandardCharsets.UTF_8),
          complained.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private Ran put(String definition) throws IOException {
    Path file = Files.writeString(directory.resolve("endpoint.yaml"), definition);
    return endpoints("put", "-f", file.toString());
  }

  private HttpResponse<String> ask(String method, String path, String body, String... headers) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
              .header("content-type", "application/json")
              .method(method, BodyPublishers.ofString(body));
      if (headers.length > 0) {
        request.headers(headers);
      }
      return client.send(request.build(), BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(method + " " + path, e);
    }
  }

  @Test
  void anEndpointIsPutShownChangedKeptAndRemoved() throws IOException {
    assertThat(put(SPLIT)).extracting(Ran::code, Ran::err).containsExactly(0, "");
    Ran weights = endpoints("weights", "churn", "half_plus_two=90", "dish=10");
    assertThat(weights.code()).as(weights.err()).isZero();

    server.close();
    serve();
    assertThat(endpoints("list").out().lines())
        .satisfiesExactly(
            header -> assertThat(header).startsWith("NAME   POLICY  ROUTES "),
            row ->
                assertThat(row)
                    .matches("churn  split   half_plus_two=90 dish=10  -       2         20.*Z"));
    JsonObject json = JsonParser.parseString(endpoints("get", "churn").out()).getAsJsonObject();
    assertThat(json.get("objective_ms").getAsInt()).isEqualTo(50);

    assertThat(endpoints("delete", "churn").code()).isZero();
    assertThat(endpoints("list").out().lines()).hasSize(1);
    assertThat(ask("GET", "/v1/activity?limit=3", "").body())
        .contains("\"actor\":\"anonymous\",\"action\":\"delete\",\"target\":\"endpoint/churn\"");
  }

  @Test
  void whatGetPrintsCanBePutBackUnlessItHasChanged() throws IOException {
    put(SPLIT);
    String printed = endpoints("get", "churn").out();
    assertThat(put(printed).code()).isZero();
    Ran late = put(printed);
    assertThat(late.code()).isEqualTo(1);
    assertThat(late.err()).isEqualTo("salver: revision of endpoint churn: 2 (expected: 1)\n");
  }

  @Test
  void whatCannotBeIsSaid() throws IOException {
    put(SPLIT);
    assertThat(endpoints("get", "nobody"))
        .isEqualTo(new Ran(1, "", "salver: endpoint: \"nobody\" (expected: one that is there)\n"));
    assertThat(endpoints("weights", "churn", "dish=10").err())
        .contains("weights of split: 110.0 together (expected: 100)");
    assertThat(endpoints("weights", "churn", "x=10").err())
        .contains("weights: x (expected: one of [half_plus_two, dish])");
    assertThat(put(SPLIT.replace("dish", "fish")).err())
        .contains("routes of endpoint churn: \"fish\" is not known");
    assertThat(put("a: [1").err()).contains("not YAML");
    assertThat(endpoints("put", "-f", "/nowhere").err()).contains("/nowhere cannot be read");
    assertThat(endpoints("promote", "churn").err())
        .contains("promote: endpoint churn has no canary (expected: policy canary)");
    assertThat(run("endpoints").err())
        .contains("a command is missing (expected: one of [delete, get,");
    assertThat(run("endpoints", "list", "--address", "ftp://x").err())
        .contains("--address: ftp://x (expected: one as http://127.0.0.1:8501)");
  }

  @Test
  void aServerThatIsNotThereIsNamed() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    Ran ran = run("endpoints", "list", "--address", "127.0.0.1:" + free);
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err())
        .startsWith("salver: no answer from http://127.0.0.1:" + free)
        .contains("(expected: a running server; --address says where)");
  }

  @Test
  void revisionsAreHttpTags() throws IOException {
    put(SPLIT);
    String body = "{\"policy\": {\"type\": \"direct\", \"route\": {\"model\": \"dish\"}}}";
    HttpResponse<String> found = ask("GET", "/v1/endpoints/churn", "");
    assertThat(found.headers().firstValue("etag")).contains("\"1\"");
    assertThat(ask("PUT", "/v1/endpoints/churn", body, "if-match", "\"1\"").statusCode())
        .isEqualTo(200);
    HttpResponse<String> late = ask("PUT", "/v1/endpoints/churn", body, "if-match", "\"1\"");
    assertThat(late.statusCode()).isEqualTo(412);
    assertThat(late.body())
        .isEqualTo("{\"error\":\"revision of endpoint churn: 2 (expected: 1)\"}\n");
    assertThat(ask("PUT", "/v1/endpoints/churn", body, "if-none-match", "*").statusCode())
        .isEqualTo(412);
    assertThat(ask("PUT", "/v1/endpoints/new", body, "if-none-match", "*").statusCode())
        .isEqualTo(200);
    assertThat(ask("PUT", "/v1/endpoints/churn", body, "if-match", "W/1").statusCode())
        .isEqualTo(400);
    assertThat(ask("DELETE", "/v1/endpoints/churn", "", "if-match", "\"1\"").statusCode())
        .isEqualTo(412);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          PUT    | /v1/endpoints/e            |      | 400 | JSON
          PUT    | /v1/endpoints/e            | []   | 400 | JSON
          PUT    | /v1/endpoints/e            | {}   | 400 | policy: missing (expected: an object)
          PUT    | /v1/endpoints/a%20b        | {"policy": {"type": "direct", "route": {"model": "dish"}}} | 400 | endpoint: \\"a b\\" (expected: a name
          PUT    | /v1/endpoints/e            | {"name": "f", "policy": {"type": "direct", "route": {"model": "dish"}}} | 400 | name: \\"f\\" (expected: that of the path
          PUT    | /v1/endpoints/e            | {"policy": {"type": "direct", "route": {"model": "x"}}} | 400 | \\"x\\" is not known
          GET    | /v1/endpoints/e            |      | 404 | endpoint: \\"e\\" (expected: one that is there)
          DELETE | /v1/endpoints/e            |      | 404 | endpoint: \\"e\\"
          GET    | /v1/endpoints/e/statistics |      | 404 | endpoint: \\"e\\"
          POST   | /v1/endpoints/e:promote    |      | 404 | endpoint: \\"e\\"
          POST   | /v1/endpoints/e:fly        |      | 404 | no such path
          GET    | /v1/endpoints/e/x          |      | 404 | no such path
          POST   | /v1/endpoints/e            |      | 405 | method: POST (expected: DELETE, GET, PUT)
          PUT    | /v1/activity               |      | 405 | method: PUT (expected: GET)
          GET    | /v1/activity?limit=0       |      | 400 | limit: 0 (expected: from 1 to 1000)
          GET    | /v1/activity?before=x      |      | 400 | before: \\"x\\" (expected: an integer)
          POST   | /v1/endpoints/e:feedback   | []   | 400 | JSON
          """)
  void aRequestThatCannotBeIsRefused(
      String method, String path, String body, int status, String message) {
    HttpResponse<String> answer = ask(method, path, body == null ? "" : body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).startsWith("{\"error\":\"").contains(message);
  }

  @Test
  void aBodyThatIsTooLongIsRefused() {
    assertThat(ask("PUT", "/v1/endpoints/e", " ".repeat((1 << 20) + 1)).statusCode())
        .isEqualTo(413);
  }
}
