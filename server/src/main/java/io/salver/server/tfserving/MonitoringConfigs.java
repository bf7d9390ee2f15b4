package io.salver.server.tfserving;

import com.google.protobuf.TextFormat;
import io.salver.predict.ServingException;
import io.salver.server.tfserving.proto.MonitoringConfig;

/** Reads TensorFlow Serving's {@code MonitoringConfig}. */
public final class MonitoringConfigs {
  private static final String DEFAULT_PATH = "/monitoring/prometheus/metrics";

  private MonitoringConfigs() {}

  /**
   * The path of the metrics that a configuration in text form asks for.
   *
   * @throws ServingException INVALID_ARGUMENT, with the place in the text where it cannot be read,
   *     or if it asks for no metrics
   */
  public static String prometheusPath(String text) {
    MonitoringConfig.Builder config = MonitoringConfig.newBuilder();
    try {
      TextFormat.merge(text, config);
    } catch (TextFormat.ParseException e) {
      throw ServingException.invalid(
          "Error parsing text-format tensorflow.serving.MonitoringConfig: " + e.getMessage());
    }
    if (config.hasPrometheusConfig() && !config.getPrometheusConfig().getEnable()) {
      throw ServingException.invalid(
          "prometheus_config.enable: false (expected: true; the metrics are always served)");
    }
    String path = config.getPrometheusConfig().getPath();
    return path.isEmpty() ? DEFAULT_PATH : path;
  }
}
