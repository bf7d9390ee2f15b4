package io.salver.server.console;

import io.netty.buffer.ByteBuf;
import io.salver.server.http.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The console's files, by their paths.
 *
 * <p>A path is only ever looked up among those of the files that there are: none leads out of them.
 */
final class ConsoleFiles {
  /** What the files' paths begin with. */
  static final String ASSETS = "/console/assets/";

  private static final String PAGE = "index.html";

  /** All that is served, in this package's resources. */
  static final List<String> NAMES =
      List.of(
          "logo.svg",
          "console.css",
          "main.js",
          "router.js",
          "dom.js",
          "format.js",
          "api.js",
          "live.js",
          "charts.js",
          "theme.js",
          "access.js",
          "signature.js",
          "control.js",
          "models.js",
          "model.js",
          "policies.js",
          "weights.js",
          "endpoints.js",
          "endpoint.js",
          "endpoint-form.js",
          "examples.js",
          "fields.js",
          "answer.js",
          "try.js",
          "activity.js",
          "costs.js");

  private final Map<String, ConsoleFile> files = new HashMap<>();
  private final ConsoleFile page = read(PAGE);

  ConsoleFiles() {
    NAMES.forEach(name -> files.put(ASSETS + name, read(name)));
  }

  private static ConsoleFile read(String name) {
    try (InputStream in = ConsoleFiles.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("console file: " + name + " is not in the jar");
      }
      return new ConsoleFile(name, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("console file: " + name, e);
    }
  }

  /**
   * Answers a request for {@code /} or anything under {@code /console}: files by their names, the
   * page for everything else, because it knows itself which screens there are.
   */
  void answer(HttpExchange exchange) {
    String path = exchange.path();
    if (path.equals("/")) {
      exchange.respond(
          302,
          "",
          Map.of("location", "/console/", "cache-control", "no-store"),
          exchange.newBody(0));
    } else if (!path.startsWith(ASSETS)) {
      page.answer(exchange);
    } else {
      ConsoleFile file = files.get(path);
      if (file == null) {
        text(exchange, 404, "no such file\n", Map.of());
      } else {
        file.answer(exchange);
      }
    }
  }

  /** Answers with a line of text. */
  static void text(HttpExchange exchange, int status, String text, Map<String, String> headers) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuf body = exchange.newBody(bytes.length);
    body.writeBytes(bytes);
    exchange.respond(status, "text/plain; charset=utf-8", headers, body);
  }
}
