package io.salver.cli.config;

/**
 * Where metrics are read.
 *
 * @param path beside {@code /metrics}, the path at which Prometheus finds them
 */
public record MetricsConfig(String path) {
  /** TF Serving's path. */
  public static final MetricsConfig DEFAULT = new MetricsConfig("/monitoring/prometheus/metrics");

  public MetricsConfig {
    if (!path.startsWith("/")) {
      throw new ConfigException("path: \"" + path + "\" (expected: one that begins with /)");
    }
  }
}
