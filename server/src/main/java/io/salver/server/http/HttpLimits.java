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
 * @param maxUnsentBytes answers that an HTTP/2 client may leave untaken before it gets no new
 *     streams; one answer may be larger
 * @param maxConnectionAge after which a connection is ended as when the server drains, give or take
 *     a tenth; zero for never
 */
public record HttpLimits(
    int maxRequestLineBytes,
    int maxHeadBytes,
    Duration readTimeout,
    Duration idleTimeout,
    int maxConcurrentStreams,
    int streamWindowBytes,
    int connectionWindowBytes,
    int maxUnsentBytes,
    Duration maxConnectionAge) {
  /** Fit for a server that faces clients it does not know. */
  public static final HttpLimits DEFAULT =
      new HttpLimits(
          8 << 10,
          16 << 10,
          Duration.ofSeconds(60),
          Duration.ofMinutes(5),
          1000,
          1 << 20,
          4 << 20,
          64 << 20,
          Duration.ZERO);

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
    if (streamWindowBytes < 1 || connectionWindowBytes < streamWindowBytes || maxUnsentBytes < 1) {
      throw new IllegalArgumentException(
          "bytes: stream window "
              + streamWindowBytes
              + ", connection window "
              + connectionWindowBytes
              + ", unsent "
              + maxUnsentBytes
              + " (expected: >= 1 each, the connection's window >= the stream's)");
    }
    if (maxConnectionAge.isNegative()) {
      throw new IllegalArgumentException(
          "connection age: " + maxConnectionAge + " (expected: 0 or more)");
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
        connectionWindowBytes,
        maxUnsentBytes,
        maxConnectionAge);
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
        connectionWindowBytes,
        maxUnsentBytes,
        maxConnectionAge);
  }

  /** With so much room for answers that are not taken instead. */
  public HttpLimits withMaxUnsentBytes(int maxUnsentBytes) {
    return new HttpLimits(
        maxRequestLineBytes,
        maxHeadBytes,
        readTimeout,
        idleTimeout,
        maxConcurrentStreams,
        streamWindowBytes,
        connectionWindowBytes,
        maxUnsentBytes,
        maxConnectionAge);
  }

  /** With connections that end at this age instead. */
  public HttpLimits withMaxConnectionAge(Duration maxConnectionAge) {
    return new HttpLimits(
        maxRequestLineBytes,
        maxHeadBytes,
        readTimeout,
        idleTimeout,
        maxConcurrentStreams,
        streamWindowBytes,
        connectionWindowBytes,
        maxUnsentBytes,
        maxConnectionAge);
  }
}
