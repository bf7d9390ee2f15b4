package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.salver.examples.HeavyModel;
import io.salver.examples.PacedModel;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;

/** A server that is asked for endpoints, over REST and with the headers of its answers. */
final class EndpointServer implements AutoCloseable {
  private final RunningServer server;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private EndpointServer(RunningServer server) {
    this.server = server;
  }

  /** What a server is to be started with; to start it twice is to restart it. */
  static final class Setup {
    private final Path directory;
    private final StringBuilder yaml =
        new StringBuilder("lifecycle: {quiet_period: 0s}\nmodels:\n");

    /** No models yet; those to come are written below {@code directory}. */
    Setup(Path directory) {
      this.directory = directory;
    }

    /** A model that answers with what it gets, at a cost as of {@link HeavyModel}. */
    Setup heavy(String name, int width, int length) throws IOException {
      Path version = Files.createDirectories(directory.resolve(name + "/1"));
      Files.write(version.resolve("model.onnx"), HeavyModel.toOnnx(width, length));
      return model(name, version.getParent());
    }

    /** A model that behaves as it is told. */
    Setup paced(String name, PacedModel.Behaviour behaviour) throws IOException {
      PacedModel.write(directory.resolve(name + "/1"), behaviour);
      return model(name, directory.resolve(name));
    }

    /** A model that is there. */
    Setup model(String name, Path basePath) {
      return line("  - {name: " + name + ", base_path: " + basePath + "}");
    }

    /** More of the configuration; after the last model. */
    Setup line(String text) {
      yaml.append(text).append('\n');
      return this;
    }

    EndpointServer start() throws Exception {
      Path config = Files.writeString(directory.resolve("salver.yaml"), yaml);
      return EndpointServer.start(config);
    }
  }

  /** A server of this configuration file. */
  static EndpointServer start(Path config) throws Exception {
    return new EndpointServer(RunningServer.start("--config=" + config));
  }

  RunningServer server() {
    return server;
  }

  HttpResponse<String> send(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.restPort() + path))
            .header("content-type", "application/json")
            .method(method, BodyPublishers.ofString(body));
    return client.send(
        headers.length == 0 ? request.build() : request.headers(headers).build(),
        BodyHandlers.ofString());
  }

  /** Asks for {@code {"instances": [x]}}. */
  HttpResponse<String> predict(String endpoint, float x, String... headers)
      throws IOException, InterruptedException {
    return send(
        "POST", "/v1/models/" + endpoint + ":predict", "{\"instances\": [" + x + "]}", headers);
  }

  /** Sends feedback, which must be taken. */
  void feedback(String endpoint, String feedback) throws IOException, InterruptedException {
    HttpResponse<String> answer = send("POST", "/v1/endpoints/" + endpoint + ":feedback", feedback);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  /** Puts an endpoint of this policy, which must be taken. */
  JsonObject put(String endpoint, String policy) throws IOException, InterruptedException {
    return putDefinition(endpoint, "{\"policy\": " + policy + "}");
  }

  /** Puts an endpoint, which must be taken. */
  JsonObject putDefinition(String endpoint, String definition)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = send("PUT", "/v1/endpoints/" + endpoint, definition);
    assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
    return JsonParser.parseString(answer.body()).getAsJsonObject();
  }

  JsonObject statistics(String endpoint) throws IOException, InterruptedException {
    String path = "/v1/endpoints/" + endpoint + "/statistics";
    return JsonParser.parseString(send("GET", path, "").body()).getAsJsonObject();
  }

  /** The state of an endpoint's canary; empty before it has begun. */
  String canaryState(String endpoint) throws IOException, InterruptedException {
    JsonObject canary = statistics(endpoint).getAsJsonObject("canary");
    return canary == null ? "" : canary.get("state").getAsString();
  }

  static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  /** The one number of an answer to {@link #predict}. */
  static double number(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JsonParser.parseString(answer.body())
        .getAsJsonObject()
        .getAsJsonArray("predictions")
        .get(0)
        .getAsDouble();
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
