package io.salver.server.http;

import java.time.Duration;

/**
 * What a client may ask of a connection.
 *
 * @param maxRequestLineBytes the longest HTTP/1.1 request line
 * @param maxHeadBytes all headers of a request together, in both versions
 * @param readTimeout how long the head of a request may take from its first byte, and the longest
 *     pause between two reads of its body
 * @param idleTimeout how long a connection without a request stays open
 * @param maxConcurrentStreams requests that may be open at once on an HTTP/2 connection
 * @param streamWindowBytes what a client may send on an HTTP/2 stream before it is read
 * @param connectionWindowBytes the same for all streams of a connection together
 */
public record HttpLimits(
    int maxRequestLineBytes,
    int maxHeadBytes,
    Duration readTimeout,
    Duration idleTimeout,
    int maxConcurrentStreams,
    int streamWindowBytes,
    int connectionWindowBytes) {
  /** Fit for a server that faces clients it does not know. */
  public static final HttpLimits DEFAULT =
      new HttpLimits(
          8 << 10, 16 << 10, Duration.ofSeconds(60), Duration.ofMinutes(5), 1000, 1 << 20, 4 << 20);

  public HttpLimits {
    if (readTimeout.isNegative()
        || readTimeout.isZero()
        || idleTimeout.compareTo(readTimeout) < 0) {
      throw new IllegalArgumentException(
          "timeouts: read "
              + readTimeout
              + ", idle "
              + idleTimeout
              + " (expected: read > 0, idle >= read)");
    }
    if (maxConcurrentStreams < 1) {
      throw new IllegalArgumentException(
          "concurrent streams: " + maxConcurrentStreams + " (expected: >= 1)");
    }
  }

  /** With these timeouts instead. */
  public HttpLimits withTimeouts(Duration readTimeout, Duration idleTimeout) {
    return new HttpLimits(
        maxRequestLineBytes,
        maxHeadBytes,
        readTimeout,
        idleTimeout,
        maxConcurrentStreams,
        streamWindowBytes,
        connectionWindowBytes);
  }

  /** With so many concurrent streams instead. */
  public HttpLimits withMaxConcurrentStreams(int maxConcurrentStreams) {
    return new HttpLimits(
        maxRequestLineBytes,
        maxHeadBytes,
        readTimeout,
        idleTimeout,
        maxConcurrentStreams,
        streamWindowBytes,
        connectionWindowBytes);
  }
}
