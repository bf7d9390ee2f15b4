package io.salver.server.console;

import io.netty.buffer.ByteBuf;
import io.salver.server.http.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** A file of the console, in memory, compressed once. Immutable. */
final class ConsoleFile {
  private static final int ETAG_DIGITS = 16;

  private final String contentType;
  private final byte[] bytes;
  private final byte[] zipped;
  private final String etag;

  ConsoleFile(String name, byte[] bytes) {
    this.contentType = contentType(name);
    this.bytes = bytes;
    this.zipped = gzip(bytes);
    // Weak, because the compressed form has the same one.
    this.etag = "W/\"" + sha256(bytes).substring(0, ETAG_DIGITS) + '"';
  }

  private static String contentType(String name) {
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "html" -> "text/html; charset=utf-8";
      case "css" -> "text/css; charset=utf-8";
      case "js" -> "text/javascript; charset=utf-8";
      case "svg" -> "image/svg+xml";
      default ->
          throw new IllegalArgumentException(
              "console file: " + name + " (expected: .html, .css, .js or .svg)");
    };
  }

  private static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream(bytes.length / 3 + 64);
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return zipped.toByteArray();
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has it", e);
    }
  }

  /**
   * Answers with the file, or says that the client's copy is still good. A copy may be kept, but is
   * asked for again each time: a new release is seen at once.
   */
  void answer(HttpExchange exchange) {
    Map<String, String> headers = new HashMap<>();
    headers.put("cache-control", "no-cache");
    headers.put("etag", etag);
    headers.put("vary", "accept-encoding");
    String known = exchange.header("if-none-match");
    if (known != null && known.contains(etag)) {
      exchange.respond(304, "", headers, exchange.newBody(0));
      return;
    }
    boolean compressed = acceptsGzip(exchange);
    if (compressed) {
      headers.put("content-encoding", "gzip");
    }
    byte[] content = compressed ? zipped : bytes;
    ByteBuf body = exchange.newBody(content.length);
    body.writeBytes(content);
    exchange.respond(200, contentType, headers, body);
  }

  /** Whether gzip is named and not forbidden. */
  private static boolean acceptsGzip(HttpExchange exchange) {
    String accepted = exchange.header("accept-encoding");
    return accepted != null
        && accepted.contains("gzip")
        && !accepted.replace(" ", "").contains("gzip;q=0");
  }
}
