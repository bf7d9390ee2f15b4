package io.salver.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.salver.cli.config.ConfigException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Asks the control API of a server that runs. */
final class ModelsClient {
  /** Names the variable with an API key: arguments can be read by everybody. */
  private static final String KEY = "SALVER_API_KEY";

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
  private static final Duration ANSWER_LIMIT = Duration.ofMinutes(15);

  @Option(
      names = "--address",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8501",
      description = {
        "Where the server is (default: ${DEFAULT-VALUE}). If it wants an API key, that is taken",
        "from the environment: SALVER_API_KEY."
      })
  String address = "";

  /**
   * Sends a request, and waits for its answer.
   *
   * @throws StartException if the server cannot be reached, or refuses
   */
  JsonObject send(String method, String path, String body) {
    URI uri = uri(path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(ANSWER_LIMIT)
            .header("content-type", "application/json")
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    String key = System.getenv(KEY);
    if (key != null && !key.isEmpty()) {
      request.header("authorization", "Bearer " + key);
    }
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(CONNECT_LIMIT).build()) {
      HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
      return read(response, uri);
    } catch (IOException e) {
      String why = e.getMessage() == null ? e.toString() : e.getMessage();
      throw new StartException(
          "server: " + address + " does not answer: " + why + " (expected: a running server)", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("interrupted", e);
    }
  }

  private URI uri(String path) {
    try {
      URI uri = URI.create(address.replaceAll("/+$", "") + path);
      if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Refused below, like what is a URI of another kind.
    }
    throw new ConfigException("--address: " + address + " (expected: as http://127.0.0.1:8501)");
  }

  private static JsonObject read(HttpResponse<String> response, URI uri) {
    try {
      JsonObject json = JsonParser.parseString(response.body()).getAsJsonObject();
      if (response.statusCode() == 200) {
        return json;
      }
      if (json.has("error")) {
        throw new StartException(json.get("error").getAsString());
      }
    } catch (JsonParseException | IllegalStateException e) {
      // Not the control API's: told below.
    }
    throw new StartException(
        uri
            + ": status "
            + response.statusCode()
            + " (expected: an answer of Salver's control API)");
  }
}
