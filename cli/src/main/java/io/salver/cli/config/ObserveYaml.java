package io.salver.cli.config;

import io.salver.cost.Prices;
import io.salver.server.cost.CostMeter;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads the keys of an {@link ObserveConfig}. */
final class ObserveYaml {
  private ObserveYaml() {}

  /**
   * What a file says.
   *
   * @param root the whole file
   */
  static ObserveConfig read(Section root) {
    return new ObserveConfig(costs(root.section("costs")));
  }

  private static CostMeter.Config costs(Section s) {
    Prices d = Prices.NONE;
    try {
      Prices prices =
          new Prices(
              s.string("currency").orElse(d.currency()),
              s.number("cpu_second", d.cpuSecond()),
              s.number("memory_gb_second", d.memoryGbSecond()),
              s.number("accelerator_second", d.acceleratorSecond()));
      CostMeter.Config costs = new CostMeter.Config(prices, accelerators(s));
      s.end();
      return costs;
    } catch (IllegalArgumentException e) {
      throw new ConfigException(s.at(String.valueOf(e.getMessage())));
    }
  }

  private static Map<String, Integer> accelerators(Section costs) {
    Map<String, Integer> accelerators = new LinkedHashMap<>();
    Object value = costs.get("accelerators");
    if (value == null) {
      return accelerators;
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw new ConfigException(
          costs.at("accelerators") + ": " + value + " (expected: a mapping of models to numbers)");
    }
    map.forEach((model, count) -> {
      if (!(count instanceof Integer number) || number < 0) {
        throw new ConfigException(
            costs.at("accelerators") + "." + model + ": " + count + " (expected: an integer >= 0)");
      }
      accelerators.put(String.valueOf(model), number);
    });
    return accelerators;
  }
}
