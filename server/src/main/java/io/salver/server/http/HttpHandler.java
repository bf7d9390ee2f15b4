package io.salver.server.http;

/** Answers HTTP requests. Called by all event loops. */
@FunctionalInterface
public interface HttpHandler {
  /**
   * Called on the event loop of the request's connection when the last byte of the request has been
   * read. Must not block. What it throws is answered with status 500.
   */
  void handle(HttpExchange exchange);

  /**
   * The largest body that a request may have, in bytes, before and after decompression. Asked when
   * the head has been read; a longer body is refused with status 413, where its length is announced
   * before any of it is read.
   *
   * @param path without the query, not percent-decoded
   */
  default long maxBodyBytes(String method, String path) {
    return 64L << 20;
  }
}
