package io.salver.server.tls;

import java.time.Duration;

/**
 * How TLS is spoken.
 *
 * @param handshakeTimeout a client that has not finished its handshake by then is cut off
 * @param reloadInterval how often the source is read again; zero for never
 */
public record TlsOptions(Duration handshakeTimeout, Duration reloadInterval) {
  /** Ten seconds for a handshake; a new certificate is noticed within ten more. */
  public static final TlsOptions DEFAULT =
      new TlsOptions(Duration.ofSeconds(10), Duration.ofSeconds(10));

  public TlsOptions {
    if (handshakeTimeout.isNegative() || handshakeTimeout.isZero()) {
      throw new IllegalArgumentException(
          "handshake timeout: " + handshakeTimeout + " (expected: more than 0)");
    }
    if (reloadInterval.isNegative()) {
      throw new IllegalArgumentException(
          "reload interval: " + reloadInterval + " (expected: 0 or more)");
    }
  }
}
