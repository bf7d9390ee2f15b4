package io.salver.server.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.Data;
import io.opentelemetry.sdk.metrics.data.DoublePointData;
import io.opentelemetry.sdk.metrics.data.GaugeData;
import io.opentelemetry.sdk.metrics.data.HistogramData;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.MetricDataType;
import io.opentelemetry.sdk.metrics.data.SumData;
import io.opentelemetry.sdk.metrics.data.SummaryData;
import io.opentelemetry.sdk.metrics.data.SummaryPointData;
import io.opentelemetry.sdk.resources.Resource;
import io.salver.server.metrics.MetricFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Metrics as OpenTelemetry's data, under the names that they have at {@code /metrics}. Those of
 * TensorFlow Serving are left out: OpenTelemetry's names do not begin with a colon, and Salver's
 * own say the same. Used by one thread.
 */
final class MetricPoints implements MetricFormat {
  private static final AggregationTemporality SINCE_START = AggregationTemporality.CUMULATIVE;

  private final Resource resource;
  private final InstrumentationScopeInfo scope;
  private final long startEpochNs;
  private final long nowEpochNs;
  private final List<Family> families = new ArrayList<>();
  private Family family = new Family("", Type.GAUGE, "");

  private static final class Family {
    final String name;
    final Type type;
    final String help;
    final List<DoublePointData> numbers = new ArrayList<>();
    final List<HistogramPointData> histograms = new ArrayList<>();
    final List<SummaryPointData> summaries = new ArrayList<>();

    Family(String name, Type type, String help) {
      this.name = name;
      this.type = type;
      this.help = help;
    }

    boolean isEmpty() {
      return numbers.isEmpty() && histograms.isEmpty() && summaries.isEmpty();
    }

    MetricDataType dataType() {
      return switch (type) {
        case COUNTER -> MetricDataType.DOUBLE_SUM;
        case GAUGE -> MetricDataType.DOUBLE_GAUGE;
        case HISTOGRAM -> MetricDataType.HISTOGRAM;
        case SUMMARY -> MetricDataType.SUMMARY;
      };
    }

    Data<?> data() {
      return switch (type) {
        case COUNTER -> SumData.createDoubleSumData(true, SINCE_START, numbers);
        case GAUGE -> GaugeData.createDoubleGaugeData(numbers);
        case HISTOGRAM -> HistogramData.create(SINCE_START, histograms);
        case SUMMARY -> SummaryData.create(summaries);
      };
    }

    /** By the name, in the code that OpenTelemetry takes units in. */
    String unit() {
      String base = name.endsWith("_total") ? name.substring(0, name.length() - 6) : name;
      return base.endsWith("_seconds") && !base.endsWith("gb_seconds")
          ? "s"
          : base.endsWith("_bytes") ? "By" : "";
    }
  }

  /** A metric with its points. */
  private record Metric(
      Resource resource,
      InstrumentationScopeInfo scope,
      String name,
      String description,
      String unit,
      MetricDataType type,
      Data<?> data)
      implements MetricData {
    @Override
    public Resource getResource() {
      return resource;
    }

    @Override
    public InstrumentationScopeInfo getInstrumentationScopeInfo() {
      return scope;
    }

    @Override
    public String getName() {
      return name;
    }

    @Override
    public String getDescription() {
      return description;
    }

    @Override
    public String getUnit() {
      return unit;
    }

    @Override
    public MetricDataType getType() {
      return type;
    }

    @Override
    public Data<?> getData() {
      return data;
    }
  }

  MetricPoints(
      Resource resource, InstrumentationScopeInfo scope, long startEpochNs, long nowEpochNs) {
    this.resource = resource;
    this.scope = scope;
    this.startEpochNs = startEpochNs;
    this.nowEpochNs = nowEpochNs;
  }

  @Override
  public void family(String name, Type type, String help) {
    family = new Family(name, type, help);
    if (!name.startsWith(":")) {
      families.add(family);
    }
  }

  @Override
  public void sample(String labels, long value) {
    sample(labels, (double) value);
  }

  @Override
  public void sample(String labels, double value) {
    family.numbers.add(
        DoublePointData.create(startEpochNs, nowEpochNs, attributes(labels), value, List.of()));
  }

  @Override
  public void summary(String labels, long count, double sum) {
    family.summaries.add(
        SummaryPointData.create(
            startEpochNs, nowEpochNs, attributes(labels), count, sum, List.of()));
  }

  @Override
  public void histogram(String labels, List<String> bounds, long[] counts, double sum) {
    family.histograms.add(
        HistogramPointData.create(
            startEpochNs,
            nowEpochNs,
            attributes(labels),
            sum,
            false,
            0,
            false,
            0,
            bounds.stream().map(Double::valueOf).toList(),
            Arrays.stream(counts).boxed().toList()));
  }

  /** What {@link io.salver.server.metrics.MetricWriter#labels} has made of names and values. */
  static Attributes attributes(String labels) {
    var attributes = Attributes.builder();
    int at = 0;
    while (at < labels.length()) {
      int equals = labels.indexOf('=', at);
      String name = labels.substring(at, equals);
      StringBuilder value = new StringBuilder();
      int i = equals + 2;
      for (; labels.charAt(i) != '"'; i++) {
        char c = labels.charAt(i);
        if (c == '\\') {
          i++;
          c = labels.charAt(i) == 'n' ? '\n' : labels.charAt(i);
        }
        value.append(c);
      }
      attributes.put(name, value.toString());
      at = i + 2;
    }
    return attributes.build();
  }

  /** What was written. */
  List<MetricData> metrics() {
    List<MetricData> metrics = new ArrayList<>();
    for (Family each : families) {
      if (!each.isEmpty()) {
        metrics.add(
            new Metric(
                resource, scope, each.name, each.help, each.unit(), each.dataType(), each.data()));
      }
    }
    return metrics;
  }
}
