package io.salver.cli.config;

import io.salver.cost.Prices;
import io.salver.server.cost.CostMeter;
import java.util.Map;

/**
 * What is told of the requests that are served.
 *
 * @param costs what they cost
 * @param accessLog a line for each
 * @param slowLog which of them were slow
 * @param telemetry spans and metrics that are sent
 */
public record ObserveConfig(
    CostMeter.Config costs,
    AccessLogConfig accessLog,
    SlowLogConfig slowLog,
    TelemetryConfig telemetry) {
  /** Nothing has a price, and nothing is written. */
  public static final ObserveConfig DEFAULT =
      new ObserveConfig(
          new CostMeter.Config(Prices.NONE, Map.of()),
          AccessLogConfig.DEFAULT,
          SlowLogConfig.DEFAULT,
          TelemetryConfig.DEFAULT);
}
