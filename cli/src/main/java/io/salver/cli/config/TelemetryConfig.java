package io.salver.cli.config;

import io.salver.server.telemetry.Telemetry;
import java.util.Optional;

/**
 * What is sent by the OpenTelemetry protocol.
 *
 * @param receiver where it is sent; empty for nowhere
 * @param traces whether spans of requests are sent
 * @param sampling the share of the requests that get spans, of those whose callers do not decide
 * @param metrics whether metrics are sent
 */
public record TelemetryConfig(
    Optional<Telemetry.Config> receiver, boolean traces, double sampling, boolean metrics) {
  /** Nothing. */
  public static final TelemetryConfig DEFAULT =
      new TelemetryConfig(Optional.empty(), true, 0.01, true);

  public TelemetryConfig {
    if (!(sampling >= 0 && sampling <= 1)) {
      throw new ConfigException("sampling: " + sampling + " (expected: 0 to 1)");
    }
  }
}
