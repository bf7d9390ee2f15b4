package io.salver.server.admin;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * An answer, ready to be sent.
 *
 * @param headers beyond the usual ones, names in lower case
 */
record Answer(int status, String contentType, Map<String, String> headers, byte[] body) {
  private static final String TEXT = "text/plain; charset=utf-8";

  /** No cache may keep any of these pages. */
  private static final Map<String, String> FRESH = Map.of("cache-control", "no-store");

  static Answer text(int status, String text) {
    return new Answer(status, TEXT, FRESH, text.getBytes(StandardCharsets.UTF_8));
  }

  static Answer of(String contentType, byte[] body) {
    return new Answer(200, contentType, FRESH, body);
  }

  static Answer gzipped(String contentType, byte[] body) {
    return new Answer(
        200,
        contentType,
        Map.of("cache-control", "no-store", "content-encoding", "gzip", "vary", "accept-encoding"),
        body);
  }

  static Answer methodNotAllowed(String method) {
    return new Answer(
        405,
        TEXT,
        Map.of("allow", "GET, HEAD"),
        ("method: " + method + " (expected: GET or HEAD)\n").getBytes(StandardCharsets.UTF_8));
  }
}
