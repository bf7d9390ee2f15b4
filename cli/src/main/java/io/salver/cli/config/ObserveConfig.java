package io.salver.cli.config;

import io.salver.cost.Prices;
import io.salver.server.cost.CostMeter;
import java.util.Map;

/**
 * What is told of the requests that are served.
 *
 * @param costs what they cost
 */
public record ObserveConfig(CostMeter.Config costs) {
  /** Nothing has a price. */
  public static final ObserveConfig DEFAULT =
      new ObserveConfig(new CostMeter.Config(Prices.NONE, Map.of()));
}
