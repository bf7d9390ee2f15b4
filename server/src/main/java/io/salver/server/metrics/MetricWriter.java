package io.salver.server.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Takes metrics from their sources, each family once, and has them written in some format. Used by
 * one thread.
 *
 * <p>Prometheus' text format is written here rather than by a library because the names, types and
 * bucket labels of TensorFlow Serving's metrics have to come out exactly; docs/adr/0003-metrics.md
 * has the details.
 */
public final class MetricWriter {
  /** The media type of Prometheus' text format. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final MetricFormat format;
  private final Set<String> families = new HashSet<>();

  /** Writes Prometheus' text format, version 0.0.4. */
  public MetricWriter() {
    this(new PrometheusText());
  }

  /** Writes {@code format}. */
  public MetricWriter(MetricFormat format) {
    this.format = format;
  }

  /**
   * Labels, ready to be written.
   *
   * @param namesAndValues names, which are to be valid, and values, which may be anything, in turns
   */
  public static String labels(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException(
          "labels: " + Arrays.toString(namesAndValues) + " (expected: names and values in turns)");
    }
    StringBuilder labels = new StringBuilder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      labels.append(i == 0 ? "" : ",").append(namesAndValues[i]).append("=\"");
      appendEscaped(labels, namesAndValues[i + 1], true);
      labels.append('"');
    }
    return labels.toString();
  }

  /** Begins a family of samples that only grow until the process ends. */
  public void counter(String name, String help) {
    family(name, MetricFormat.Type.COUNTER, help);
  }

  /** Begins a family of samples that go up and down. */
  public void gauge(String name, String help) {
    family(name, MetricFormat.Type.GAUGE, help);
  }

  /** Begins a family of histograms. */
  public void histogram(String name, String help) {
    family(name, MetricFormat.Type.HISTOGRAM, help);
  }

  /** Begins a family of pairs of a count and a sum. */
  public void summary(String name, String help) {
    family(name, MetricFormat.Type.SUMMARY, help);
  }

  private void family(String name, MetricFormat.Type type, String help) {
    if (!families.add(name)) {
      throw new IllegalStateException("metric: " + name + " (expected: written once)");
    }
    format.family(name, type, help);
  }

  /**
   * Writes a sample of the family begun last.
   *
   * @param labels from {@link #labels}; empty for none
   */
  public void sample(String labels, long value) {
    format.sample(labels, value);
  }

  /** As {@link #sample(String, long)}. */
  public void sample(String labels, double value) {
    format.sample(labels, value);
  }

  /** Writes a sample of a summary. */
  public void summarySample(String labels, long count, double sum) {
    format.summary(labels, count, sum);
  }

  /** Writes a histogram, and nothing if it has no values. */
  void histogram(String labels, Histogram histogram, StripedCounters counters) {
    Buckets buckets = histogram.buckets();
    long[] counts = new long[buckets.count()];
    Arrays.setAll(counts, i -> histogram.count(counters, i));
    List<String> bounds = new ArrayList<>();
    for (int i = 0; i < counts.length - 1; i++) {
      bounds.add(buckets.label(i));
    }
    histogram(labels, bounds, counts, histogram.sum(counters));
  }

  /**
   * Writes a histogram, and nothing if it has no values.
   *
   * @param bounds the upper bounds of the buckets but the last
   * @param counts how many values each bucket has
   */
  void histogram(String labels, long[] bounds, long[] counts, double sum) {
    histogram(labels, Arrays.stream(bounds).mapToObj(Long::toString).toList(), counts, sum);
  }

  /**
   * Writes a histogram without labels, also if it has no values.
   *
   * @param bounds the upper bounds of the buckets but the last
   * @param counts how many values each bucket has
   */
  void histogramSample(double[] bounds, long[] counts, double sum) {
    format.histogram("", Arrays.stream(bounds).mapToObj(Double::toString).toList(), counts, sum);
  }

  private void histogram(String labels, List<String> bounds, long[] counts, double sum) {
    if (Arrays.stream(counts).sum() != 0) {
      format.histogram(labels, bounds, counts, sum);
    }
  }

  static void appendEscaped(StringBuilder to, String value, boolean quoted) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\\' -> to.append("\\\\");
        case '\n' -> to.append("\\n");
        case '"' -> to.append(quoted ? "\\\"" : "\"");
        default -> to.append(c);
      }
    }
  }

  /** Everything written so far. */
  @Override
  public String toString() {
    return format.toString();
  }
}
