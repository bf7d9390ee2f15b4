package io.salver.server.access;

import java.time.Duration;

/**
 * Why a request is not served.
 *
 * @param message what the caller is told; says nothing about credentials that were shown
 * @param retryAfter when it makes sense to ask again; zero if time does not help
 */
public record Refusal(Reason reason, String message, Duration retryAfter) {
  /** What kinds there are. */
  public enum Reason {
    /** Nothing was shown, and something is needed. */
    NO_CREDENTIALS,
    /** What was shown is not accepted. */
    BAD_CREDENTIALS,
    /** It is known who asks, and that is not enough. */
    FORBIDDEN,
    /** A rate or a quota is used up. */
    LIMITED,
    /** Too many credentials that are not accepted came from the same address. */
    SLOWED,
    /** Too many credentials are being checked. */
    BUSY
  }

  static Refusal limited(String message, Duration retryAfter) {
    return new Refusal(Reason.LIMITED, message, retryAfter);
  }

  /** As {@link #message()}, which needs no time to pass. */
  static Refusal of(Reason reason, String message) {
    return new Refusal(reason, message, Duration.ZERO);
  }

  /** Whole seconds until {@link #retryAfter}, rounded up. */
  public long retryAfterSeconds() {
    return retryAfter.plusNanos(999_999_999).toSeconds();
  }
}
