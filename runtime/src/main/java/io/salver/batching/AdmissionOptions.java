package io.salver.batching;

import java.time.Duration;

/**
 * When a request to a version that runs on instances is refused at once, rather than queued.
 *
 * @param latencyObjective what an answer may take from the request's last byte on: a request that
 *     is not expected to make it is refused; zero for no objective
 * @param adaptive whether the requests in flight are limited by what the version keeps up with
 * @param leastInFlight as many requests are always allowed by that limit, at least 1
 */
public record AdmissionOptions(Duration latencyObjective, boolean adaptive, int leastInFlight) {
  /** No objective; a limit that adapts from 128 requests upwards. */
  public static final AdmissionOptions DEFAULT = new AdmissionOptions(Duration.ZERO, true, 128);

  public AdmissionOptions {
    if (latencyObjective.isNegative() || leastInFlight < 1) {
      throw new IllegalArgumentException(
          "admission: objective "
              + latencyObjective
              + ", at least "
              + leastInFlight
              + " in flight (expected: >= 0, >= 1)");
    }
  }
}
