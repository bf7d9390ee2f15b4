package io.salver.server.guard;

import io.netty.buffer.ByteBuf;
import io.salver.server.http.AnswerStream;
import io.salver.server.http.ForwardingExchange;
import io.salver.server.http.HttpExchange;
import java.util.HashMap;
import java.util.Map;

/** Answers with the headers that OWASP asks of pages and APIs which browsers see. */
final class SafeExchange extends ForwardingExchange {
  private static final Map<String, String> HEADERS =
      Map.of(
          "x-content-type-options", "nosniff",
          "x-frame-options", "DENY",
          "content-security-policy",
              "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none';"
                  + " form-action 'self'; frame-ancestors 'none'",
          "referrer-policy", "no-referrer",
          "cross-origin-opener-policy", "same-origin",
          "cross-origin-resource-policy", "same-origin",
          "cache-control", "no-store");

  SafeExchange(HttpExchange exchange) {
    super(exchange);
  }

  /** What the handler says itself counts more, as for a file that caches may keep. */
  @Override
  public void respond(int status, String contentType, Map<String, String> headers, ByteBuf body) {
    super.respond(status, contentType, safe(headers), body);
  }

  @Override
  public AnswerStream stream(int status, String contentType, Map<String, String> headers) {
    return super.stream(status, contentType, safe(headers));
  }

  private static Map<String, String> safe(Map<String, String> headers) {
    Map<String, String> all = new HashMap<>(HEADERS);
    all.putAll(headers);
    return all;
  }
}
