package io.salver.server.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.salver.server.metrics.MetricPage;
import io.salver.server.trace.RequestSink;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends spans of requests and metrics to a receiver of the OpenTelemetry protocol over HTTP, such
 * as a collector. What the receiver does not take, or is not there to take, is tried again for a
 * while and then lost; nobody waits for it. Thread-safe.
 */
public final class Telemetry implements AutoCloseable {
  /** Who makes the spans and metrics. */
  static final String SCOPE = "io.salver";

  private final Config config;
  private final String version;
  private final Resource resource;
  private @Nullable SdkMeterProvider meters;

  /**
   * Where to send what.
   *
   * @param endpoint where the paths {@code /v1/traces} and {@code /v1/metrics} are, as {@code
   *     http://localhost:4318}
   * @param serviceName what the receiver knows this server by
   * @param attributes what else it is to know
   * @param headers sent with every request, as a token
   * @param timeout for one request
   * @param metricInterval how often metrics are sent
   */
  public record Config(
      String endpoint,
      String serviceName,
      Map<String, String> attributes,
      Map<String, String> headers,
      Duration timeout,
      Duration metricInterval) {
    public Config {
      if (!isHttp(endpoint)) {
        throw new IllegalArgumentException(
            "endpoint: " + endpoint + " (expected: as http://localhost:4318)");
      }
      if (!timeout.isPositive() || !metricInterval.isPositive()) {
        throw new IllegalArgumentException(
            "timeout: " + timeout + ", metric_interval: " + metricInterval + " (expected: > 0s)");
      }
      attributes = Map.copyOf(attributes);
      headers = Map.copyOf(headers);
    }

    private static boolean isHttp(String endpoint) {
      try {
        URI uri = new URI(endpoint);
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        return uri.getHost() != null && (scheme.equals("http") || scheme.equals("https"));
      } catch (URISyntaxException e) {
        return false;
      }
    }

    private String url(String path) {
      return endpoint.endsWith("/") ? endpoint + path : endpoint + "/" + path;
    }

    /** Without the headers' values, which are secrets. */
    @Override
    public String toString() {
      return "Config[endpoint=%s, serviceName=%s, attributes=%s, headers=%s, %s, %s]"
          .formatted(endpoint, serviceName, attributes, headers.keySet(), timeout, metricInterval);
    }
  }

  /**
   * Sends nothing yet.
   *
   * @param version Salver's
   */
  public Telemetry(Config config, String version) {
    this.config = config;
    this.version = version;
    var attributes = Attributes.builder();
    config.attributes().forEach(attributes::put);
    attributes.put("service.name", config.serviceName()).put("service.version", version);
    this.resource = Resource.getDefault().merge(Resource.create(attributes.build()));
  }

  /** Sends the spans of those requests that were sampled. */
  public RequestSink spans() {
    OtlpHttpSpanExporter exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(config.url("v1/traces"))
            .setTimeout(config.timeout())
            .setCompression("gzip")
            .setHeaders(headers())
            .build();
    return new SpanSink(
        SdkTracerProvider.builder()
            .setResource(resource)
            .setSampler(Sampler.alwaysOn())
            .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
            .build(),
        version);
  }

  private Supplier<Map<String, String>> headers() {
    return config::headers;
  }

  /** Sends what {@code page} says, again and again until this is closed. Called once. */
  public synchronized void sendMetrics(MetricPage page) {
    OtlpHttpMetricExporter exporter =
        OtlpHttpMetricExporter.builder()
            .setEndpoint(config.url("v1/metrics"))
            .setTimeout(config.timeout())
            .setCompression("gzip")
            .setHeaders(headers())
            .build();
    PeriodicMetricReader reader =
        PeriodicMetricReader.builder(exporter).setInterval(config.metricInterval()).build();
    meters =
        SdkMeterProvider.builder()
            .setResource(resource)
            .registerMetricReader(reader)
            .registerMetricProducer(new SourceProducer(page, version))
            .build();
  }

  /** Sends the metrics once more, and ends. The spans' sink ends by itself. */
  @Override
  public synchronized void close() {
    if (meters != null) {
      meters.close();
      meters = null;
    }
  }
}
