package io.salver.server.metrics;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Writes Prometheus' text format, version 0.0.4. Used by one thread.
 *
 * <p>Written here rather than by a library because the names, types and bucket labels of TensorFlow
 * Serving's metrics have to come out exactly; docs/adr/0003-metrics.md has the details.
 */
public final class MetricWriter {
  /** The media type of what is written. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final StringBuilder text = new StringBuilder(32 * 1024);
  private final Set<String> families = new HashSet<>();
  private String family = "";

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
    family(name, "counter", help);
  }

  /** Begins a family of samples that go up and down. */
  public void gauge(String name, String help) {
    family(name, "gauge", help);
  }

  /** Begins a family of histograms. */
  public void histogram(String name, String help) {
    family(name, "histogram", help);
  }

  /** Begins a family of pairs of a count and a sum. */
  public void summary(String name, String help) {
    family(name, "summary", help);
  }

  private void family(String name, String type, String help) {
    if (!families.add(name)) {
      throw new IllegalStateException("metric: " + name + " (expected: written once)");
    }
    family = name;
    text.append("# HELP ").append(name).append(' ');
    appendEscaped(text, help, false);
    text.append("\n# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  /**
   * Writes a sample of the family begun last.
   *
   * @param labels from {@link #labels}; empty for none
   */
  public void sample(String labels, long value) {
    begin("", labels);
    text.append(value).append('\n');
  }

  /** As {@link #sample(String, long)}. */
  public void sample(String labels, double value) {
    begin("", labels);
    appendNumber(value);
  }

  /** Writes a sample of a summary. */
  public void summarySample(String labels, long count, double sum) {
    begin("_sum", labels);
    appendNumber(sum);
    begin("_count", labels);
    text.append(count).append('\n');
  }

  /** Writes a histogram, and nothing if it has no values. */
  void histogram(String labels, Histogram histogram, StripedCounters counters) {
    Buckets buckets = histogram.buckets();
    long[] counts = new long[buckets.count()];
    Arrays.setAll(counts, i -> histogram.count(counters, i));
    if (Arrays.stream(counts).sum() == 0) {
      return;
    }
    String prefix = labels.isEmpty() ? "" : labels + ",";
    long cumulative = 0;
    for (int i = 0; i < counts.length; i++) {
      cumulative += counts[i];
      begin("_bucket", prefix + "le=\"" + buckets.label(i) + "\"");
      text.append(cumulative).append('\n');
    }
    summarySample(labels, cumulative, histogram.sum(counters));
  }

  /**
   * Writes a histogram, and nothing if it has no values.
   *
   * @param bounds the upper bounds of the buckets but the last
   * @param counts how many values each bucket has
   */
  void histogram(String labels, long[] bounds, long[] counts, double sum) {
    if (Arrays.stream(counts).sum() == 0) {
      return;
    }
    long cumulative = 0;
    for (int i = 0; i < counts.length; i++) {
      cumulative += counts[i];
      String bound = i < bounds.length ? Long.toString(bounds[i]) : "+Inf";
      begin("_bucket", labels + ",le=\"" + bound + "\"");
      text.append(cumulative).append('\n');
    }
    summarySample(labels, cumulative, sum);
  }

  /**
   * Writes a histogram without labels.
   *
   * @param bounds the upper bounds of the buckets but the last
   * @param counts how many values each bucket has
   */
  void histogramSample(double[] bounds, long[] counts, double sum) {
    long cumulative = 0;
    for (int i = 0; i < counts.length; i++) {
      cumulative += counts[i];
      begin("_bucket", "le=\"" + (i < bounds.length ? Double.toString(bounds[i]) : "+Inf") + "\"");
      text.append(cumulative).append('\n');
    }
    summarySample("", cumulative, sum);
  }

  private void begin(String suffix, String labels) {
    text.append(family).append(suffix);
    if (!labels.isEmpty()) {
      text.append('{').append(labels).append('}');
    }
    text.append(' ');
  }

  private void appendNumber(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
      text.append((long) value);
    } else if (Double.isInfinite(value)) {
      text.append(value > 0 ? "+Inf" : "-Inf");
    } else {
      text.append(value);
    }
    text.append('\n');
  }

  private static void appendEscaped(StringBuilder to, String value, boolean quoted) {
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
    return text.toString();
  }
}
