package io.salver.server.inference;

import io.salver.predict.ServingException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a caller says of a request beside its body. */
public final class RequestHeaders {
  /** How many milliseconds a REST client waits; 0 or absent if it does not say. */
  public static final String TIMEOUT = "x-request-timeout-ms";

  /** The same, as the proxies Envoy and Istio say it to the servers behind them. */
  public static final String ENVOY_TIMEOUT = "x-envoy-expected-rq-timeout-ms";

  /** The request's priority: 1 is run first; 0 or absent for the model's default. */
  public static final String PRIORITY = "salver-priority";

  private static final int MAX_DIGITS = 9;

  private RequestHeaders() {}

  /**
   * How long a REST request waits for its answer: the shortest that anyone says.
   *
   * @param own what {@link #TIMEOUT} says, or null
   * @param envoy what {@link #ENVOY_TIMEOUT} says, or null
   * @param most what the server says
   * @return nanoseconds
   * @throws ServingException INVALID_ARGUMENT if a header says something else than a number
   */
  static long timeoutNs(@Nullable String own, @Nullable String envoy, Duration most) {
    long ownMs = number(TIMEOUT, own);
    long envoyMs = number(ENVOY_TIMEOUT, envoy);
    long leastMs = ownMs == 0 || envoyMs == 0 ? Math.max(ownMs, envoyMs) : Math.min(ownMs, envoyMs);
    long mostNs = most.toNanos();
    return leastMs == 0 ? mostNs : Math.min(mostNs, TimeUnit.MILLISECONDS.toNanos(leastMs));
  }

  /**
   * The priority that a header or metadata {@link #PRIORITY} asks for; 0 for the model's default.
   *
   * @throws ServingException INVALID_ARGUMENT if it is not a number
   */
  public static int priority(@Nullable String value) {
    return number(PRIORITY, value);
  }

  private static int number(String header, @Nullable String value) {
    if (value == null) {
      return 0;
    }
    boolean digits = !value.isEmpty() && value.length() <= MAX_DIGITS;
    for (int i = 0; digits && i < value.length(); i++) {
      digits = value.charAt(i) >= '0' && value.charAt(i) <= '9';
    }
    if (!digits) {
      throw ServingException.invalid(
          header + ": \"" + value + "\" (expected: a number of at most " + MAX_DIGITS + " digits)");
    }
    return Integer.parseInt(value);
  }
}
