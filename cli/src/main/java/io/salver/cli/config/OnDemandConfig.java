package io.salver.cli.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How models on demand are treated.
 *
 * @param maxWaiting how many requests may wait for one model to be loaded
 * @param maxWait how long one waits at most, whatever its own deadline
 * @param preload whether the models that were used most are loaded before they are asked for, where
 *     there is room
 * @param useCounts a file that remembers over restarts how often models were used; empty for none
 */
public record OnDemandConfig(
    int maxWaiting, Duration maxWait, boolean preload, Optional<Path> useCounts) {
  /** A thousand requests, a minute, no model before it is asked for, nothing remembered. */
  public static final OnDemandConfig DEFAULT =
      new OnDemandConfig(1_000, Duration.ofMinutes(1), false, Optional.empty());

  public OnDemandConfig {
    if (maxWaiting < 1) {
      throw new ConfigException(
          "lifecycle.on_demand.max_waiting: " + maxWaiting + " (expected: >= 1)");
    }
    if (maxWait.isNegative() || maxWait.isZero()) {
      throw new ConfigException(
          "lifecycle.on_demand.max_wait: " + maxWait + " (expected: more than 0)");
    }
  }
}
