package io.salver.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Asks a running server by its REST API. Shows the API key in the environment variable {@code
 * SALVER_API_KEY}, if there is one.
 */
final class ControlClient implements AutoCloseable {
  /** Where a server listens unless it is told otherwise. */
  static final String DEFAULT_ADDRESS = "http://127.0.0.1:8501";

  private static final String KEY_VARIABLE = "SALVER_API_KEY";
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration ANSWER_LIMIT = Duration.ofMinutes(15);
  private static final int FIRST_ERROR = 400;

  private final URI address;
  private final Optional<String> apiKey;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_LIMIT)
          .build();

  /**
   * A client of a server.
   *
   * @param address as {@code http://127.0.0.1:8501}; the scheme may be left out
   * @throws CommandException if that is no address
   */
  ControlClient(String address) {
    this.address = parse(address.contains("://") ? address : "http://" + address);
    this.apiKey = Optional.ofNullable(System.getenv(KEY_VARIABLE)).filter(key -> !key.isEmpty());
  }

  private static URI parse(String address) {
    try {
      URI uri = new URI(address.endsWith("/") ? address : address + "/");
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (http && uri.getHost() != null && uri.getPath().equals("/")) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Said below.
    }
    throw new CommandException(
        "--address: " + address + " (expected: one as " + DEFAULT_ADDRESS + ")");
  }

  /** A name as it stands in a path. */
  static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * Sends a request.
   *
   * @param path below the address, as {@code v1/endpoints}
   * @throws CommandException if the server cannot be reached, or answers with an error
   */
  JsonObject get(String path) {
    return send("GET", path, BodyPublishers.noBody(), Map.of());
  }

  /** Sends a request without a body; as {@link #get}. */
  JsonObject post(String path) {
    return send("POST", path, BodyPublishers.noBody(), Map.of());
  }

  /** Sends a request with a body; as {@link #get}. */
  JsonObject post(String path, JsonElement body) {
    return send("POST", path, BodyPublishers.ofString(body.toString()), Map.of());
  }

  /** Sends a request with a body and headers; as {@link #get}. */
  JsonObject put(String path, JsonElement body, Map<String, String> headers) {
    return send("PUT", path, BodyPublishers.ofString(body.toString()), headers);
  }

  /** Sends a request without a body; as {@link #get}. */
  JsonObject delete(String path) {
    return send("DELETE", path, BodyPublishers.noBody(), Map.of());
  }

  private JsonObject send(
      String method, String path, BodyPublisher body, Map<String, String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address.resolve(path))
            .header("content-type", "application/json")
            .method(method, body)
            .timeout(ANSWER_LIMIT);
    headers.forEach(request::header);
    apiKey.ifPresent(key -> request.header("salver-api-key", key));
    HttpResponse<String> response = send(request.build());
    Optional<JsonObject> json = json(response.body());
    if (response.statusCode() >= FIRST_ERROR || json.isEmpty()) {
      throw new CommandException(
          json.map(object -> object.get("error"))
              .filter(JsonElement::isJsonPrimitive)
              .map(JsonElement::getAsString)
              .orElse(
                  method
                      + " "
                      + request.build().uri()
                      + ": status "
                      + response.statusCode()
                      + " (expected: the answer of a Salver server)"));
    }
    return json.get();
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return client.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new CommandException(
          "no answer from "
              + address
              + ": "
              + e
              + " (expected: a running server; --address says where)");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("interrupted while waiting for " + address);
    }
  }

  private static Optional<JsonObject> json(String body) {
    try {
      return JsonParser.parseString(body) instanceof JsonObject object
          ? Optional.of(object)
          : Optional.empty();
    } catch (JsonParseException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
