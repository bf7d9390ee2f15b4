package io.salver.lifecycle;

import java.time.Duration;

/**
 * How models on demand are treated.
 *
 * @param maxWaiting how many requests may wait for one model to be loaded
 * @param maxWait how long one waits at most, whatever its own deadline
 * @param preload whether the models that were used most are loaded before they are asked for, where
 *     there is room
 */
public record OnDemandOptions(int maxWaiting, Duration maxWait, boolean preload) {
  /** A thousand requests, a minute, and no model before it is asked for. */
  public static final OnDemandOptions DEFAULT =
      new OnDemandOptions(1_000, Duration.ofMinutes(1), false);

  public OnDemandOptions {
    if (maxWaiting < 1 || maxWait.isNegative() || maxWait.isZero()) {
      throw new IllegalArgumentException(
          "on demand: " + maxWaiting + " waiting for " + maxWait + " (expected: >= 1, > 0)");
    }
  }
}
