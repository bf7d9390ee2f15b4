package io.salver.server.grpc;

import java.util.concurrent.TimeUnit;

/** The {@code grpc-timeout} header: up to eight digits and a unit. */
final class GrpcTimeout {
  private static final int MAX_DIGITS = 8;

  private GrpcTimeout() {}

  /** The timeout in nanoseconds. */
  static long parseNs(CharSequence text) throws GrpcProblem {
    int digits = text.length() - 1;
    if (digits < 1 || digits > MAX_DIGITS) {
      throw malformed(text);
    }
    long count = 0;
    for (int i = 0; i < digits; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw malformed(text);
      }
      count = 10 * count + digit;
    }
    return unit(text, text.charAt(digits)).toNanos(count);
  }

  private static TimeUnit unit(CharSequence text, char unit) throws GrpcProblem {
    return switch (unit) {
      case 'n' -> TimeUnit.NANOSECONDS;
      case 'u' -> TimeUnit.MICROSECONDS;
      case 'm' -> TimeUnit.MILLISECONDS;
      case 'S' -> TimeUnit.SECONDS;
      case 'M' -> TimeUnit.MINUTES;
      case 'H' -> TimeUnit.HOURS;
      default -> throw malformed(text);
    };
  }

  private static GrpcProblem malformed(CharSequence text) {
    return new GrpcProblem(
        GrpcStatus.INVALID_ARGUMENT,
        "grpc-timeout: \"" + text + "\" (expected: 1 to 8 digits and one of H M S m u n)");
  }
}
