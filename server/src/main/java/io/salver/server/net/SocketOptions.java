package io.salver.server.net;

import java.time.Duration;

/**
 * How sockets are reached and how many there may be.
 *
 * @param maxConnections TCP connections that may be open at once; the next are refused
 * @param backlog connections that wait in the system to be accepted
 * @param userTimeout what was sent and is not acknowledged for so long ends the connection, where
 *     the system can do that
 */
public record SocketOptions(
    TransportKind transport, int maxConnections, int backlog, Duration userTimeout) {
  /** Fit for a server that faces clients it does not know. */
  public static final SocketOptions DEFAULT =
      new SocketOptions(TransportKind.AUTO, 10_000, 4096, Duration.ofSeconds(60));

  public SocketOptions {
    if (maxConnections < 1 || backlog < 1) {
      throw new IllegalArgumentException(
          "connections: at most "
              + maxConnections
              + ", backlog "
              + backlog
              + " (expected: >= 1 each)");
    }
    if (userTimeout.isNegative() || userTimeout.toMillis() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "user timeout: " + userTimeout + " (expected: 0 to " + Integer.MAX_VALUE + " ms)");
    }
  }

  /** With another transport. */
  public SocketOptions withTransport(TransportKind transport) {
    return new SocketOptions(transport, maxConnections, backlog, userTimeout);
  }

  /** With so many connections instead. */
  public SocketOptions withMaxConnections(int maxConnections) {
    return new SocketOptions(transport, maxConnections, backlog, userTimeout);
  }
}
