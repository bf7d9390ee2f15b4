package io.salver.cli.config;

import java.time.Duration;
import java.util.Map;

/**
 * Which requests are said to be slow.
 *
 * @param threshold from when on; zero for never
 * @param models the same, for single models
 */
public record SlowLogConfig(Duration threshold, Map<String, Duration> models) {
  /** None. */
  public static final SlowLogConfig DEFAULT = new SlowLogConfig(Duration.ZERO, Map.of());

  public SlowLogConfig {
    check("threshold", threshold);
    models.forEach((model, own) -> check("models." + model, own));
    models = Map.copyOf(models);
  }

  private static void check(String name, Duration threshold) {
    if (threshold.isNegative()) {
      throw new ConfigException(name + ": " + threshold + " (expected: >= 0s)");
    }
  }

  /** Whether any request may be slow. */
  public boolean isOn() {
    return threshold.isPositive() || models.values().stream().anyMatch(Duration::isPositive);
  }
}
