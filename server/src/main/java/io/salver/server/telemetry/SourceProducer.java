package io.salver.server.telemetry;

import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricProducer;
import io.opentelemetry.sdk.resources.Resource;
import io.salver.server.metrics.MetricPage;
import io.salver.server.metrics.MetricWriter;
import java.time.Instant;
import java.util.Collection;
import java.util.concurrent.TimeUnit;

/** Has the page of metrics written as OpenTelemetry's. */
final class SourceProducer implements MetricProducer {
  private final MetricPage page;
  private final InstrumentationScopeInfo scope;
  private final long startEpochNs = epochNs(Instant.now());

  SourceProducer(MetricPage page, String version) {
    this.page = page;
    this.scope = InstrumentationScopeInfo.builder(Telemetry.SCOPE).setVersion(version).build();
  }

  private static long epochNs(Instant time) {
    return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
  }

  @Override
  public Collection<MetricData> produce(Resource resource) {
    MetricPoints points = new MetricPoints(resource, scope, startEpochNs, epochNs(Instant.now()));
    page.writeTo(new MetricWriter(points));
    return points.metrics();
  }
}
