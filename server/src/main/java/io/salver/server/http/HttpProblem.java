package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.Map;

/**
 * Why a request is refused before a handler sees it.
 *
 * @param headers what the answer has to say beside it
 */
record HttpProblem(int status, String message, Map<String, String> headers) {
  static final String JSON = "application/json";

  HttpProblem(int status, String message) {
    this(status, message, Map.of());
  }

  /** A body that is longer than it may be. */
  static HttpProblem tooLarge(String length, long maxBytes) {
    return new HttpProblem(
        413, "request body: " + length + " bytes (expected: at most " + maxBytes + ")");
  }

  void writeTo(ByteBuf body) {
    ByteBufUtil.writeUtf8(body, "{\"error\": \"" + escape(message) + "\"}");
  }

  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        escaped.append('\\').append(c);
      } else if (c < ' ') {
        escaped.append(String.format("\\u%04x", (int) c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
