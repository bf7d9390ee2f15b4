package io.salver.cli.config;

import java.time.Duration;

/**
 * What clients may do with their connections.
 *
 * @param max TCP connections that may be open at once; the next are refused
 * @param readTimeout the longest pause in a request, and for how long a client may take nothing of
 *     its answers
 * @param idleTimeout how long a connection without a request stays open
 * @param maxAge after which a connection is ended once what it asked for is answered; zero for
 *     never
 * @param maxStreams requests at once on an HTTP/2 connection
 * @param streamWindowBytes what a client may send of one HTTP/2 request before it is read
 * @param connectionWindowBytes the same for all requests of a connection together
 * @param maxUntakenBytes answers that an HTTP/2 client may leave untaken before it gets no more
 *     streams
 */
public record ConnectionsConfig(
    int max,
    Duration readTimeout,
    Duration idleTimeout,
    Duration maxAge,
    int maxStreams,
    int streamWindowBytes,
    int connectionWindowBytes,
    int maxUntakenBytes) {
  /** Fit for a server that faces clients it does not know. */
  public static final ConnectionsConfig DEFAULT =
      new ConnectionsConfig(
          10_000,
          Duration.ofSeconds(60),
          Duration.ofMinutes(5),
          Duration.ZERO,
          1_000,
          1 << 20,
          4 << 20,
          64 << 20);

  private static final int LEAST_WINDOW_BYTES = 65_535;

  public ConnectionsConfig {
    if (max < 1 || maxStreams < 1 || maxUntakenBytes < 1) {
      throw new ConfigException(
          "connections: max "
              + max
              + ", max_streams "
              + maxStreams
              + ", max_untaken_size "
              + maxUntakenBytes
              + " (expected: >= 1 each)");
    }
    if (!readTimeout.isPositive() || idleTimeout.compareTo(readTimeout) < 0) {
      throw new ConfigException(
          "connections: read_timeout "
              + readTimeout
              + ", idle_timeout "
              + idleTimeout
              + " (expected: more than 0, and idle_timeout not the shorter)");
    }
    if (maxAge.isNegative()) {
      throw new ConfigException("max_age: " + maxAge + " (expected: 0 or more)");
    }
    if (streamWindowBytes < LEAST_WINDOW_BYTES || connectionWindowBytes < streamWindowBytes) {
      throw new ConfigException(
          "connections: stream_window "
              + streamWindowBytes
              + ", connection_window "
              + connectionWindowBytes
              + " (expected: >= "
              + LEAST_WINDOW_BYTES
              + " bytes, and connection_window not the smaller)");
    }
  }
}
