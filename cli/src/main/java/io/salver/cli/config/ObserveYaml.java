package io.salver.cli.config;

import io.salver.cost.Prices;
import io.salver.server.cost.CostMeter;
import io.salver.server.telemetry.Telemetry;
import io.salver.server.trace.AccessLog;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reads the keys of an {@link ObserveConfig}. */
final class ObserveYaml {
  private ObserveYaml() {}

  /**
   * What a file says.
   *
   * @param root the whole file
   */
  static ObserveConfig read(Section root) {
    return new ObserveConfig(
        read(root.section("costs"), ObserveYaml::costs),
        read(root.section("access_log"), ObserveYaml::accessLog),
        read(root.section("slow_log"), ObserveYaml::slowLog),
        read(root.section("telemetry"), ObserveYaml::telemetry));
  }

  private static <T> T read(Section s, Function<Section, T> reader) {
    try {
      T config = reader.apply(s);
      s.end();
      return config;
    } catch (IllegalArgumentException e) {
      throw new ConfigException(s.at(String.valueOf(e.getMessage())));
    } catch (ConfigException e) {
      throw s.placed(e);
    }
  }

  private static CostMeter.Config costs(Section s) {
    Prices d = Prices.NONE;
    Prices prices =
        new Prices(
            s.string("currency").orElse(d.currency()),
            s.number("cpu_second", d.cpuSecond()),
            s.number("memory_gb_second", d.memoryGbSecond()),
            s.number("accelerator_second", d.acceleratorSecond()));
    Map<String, Integer> accelerators = new LinkedHashMap<>();
    Section models = s.section("accelerators");
    models.names().forEach(model -> accelerators.put(model, models.integer(model, 0)));
    return new CostMeter.Config(prices, accelerators);
  }

  private static AccessLogConfig accessLog(Section s) {
    AccessLogConfig d = AccessLogConfig.DEFAULT;
    return new AccessLogConfig(
        s.choice("output", AccessLogConfig.Output.class, d.output()),
        s.path("directory"),
        s.choice("format", AccessLog.Format.class, d.format()),
        s.sizeBytes("max_file_size", d.maxFileBytes()),
        s.integer("max_files", d.maxFiles()));
  }

  private static SlowLogConfig slowLog(Section s) {
    Map<String, Duration> thresholds = new LinkedHashMap<>();
    Section models = s.section("models");
    models.names().forEach(model -> thresholds.put(model, models.duration(model, Duration.ZERO)));
    return new SlowLogConfig(s.duration("threshold", Duration.ZERO), thresholds);
  }

  private static TelemetryConfig telemetry(Section s) {
    TelemetryConfig d = TelemetryConfig.DEFAULT;
    Optional<String> endpoint = s.string("endpoint");
    String serviceName = s.string("service_name").orElse("salver");
    Map<String, String> attributes = strings(s.section("attributes"));
    Map<String, String> headers = strings(s.section("headers"));
    Duration timeout = s.duration("timeout", Duration.ofSeconds(10));
    Duration metricInterval = s.duration("metric_interval", Duration.ofMinutes(1));
    return new TelemetryConfig(
        endpoint.map(url ->
            new Telemetry.Config(url, serviceName, attributes, headers, timeout, metricInterval)),
        s.bool("traces", d.traces()),
        s.number("sampling", d.sampling()),
        s.bool("metrics", d.metrics()));
  }

  private static Map<String, String> strings(Section s) {
    Map<String, String> strings = new LinkedHashMap<>();
    s.names().forEach(name -> strings.put(name, s.requiredString(name)));
    return strings;
  }
}
