package io.salver.server.metrics;

import java.util.List;
import java.util.Locale;

/** Prometheus' text format, version 0.0.4. */
final class PrometheusText implements MetricFormat {
  private final StringBuilder text = new StringBuilder(32 * 1024);
  private String family = "";

  @Override
  public void family(String name, Type type, String help) {
    family = name;
    text.append("# HELP ").append(name).append(' ');
    MetricWriter.appendEscaped(text, help, false);
    text.append("\n# TYPE ").append(name).append(' ');
    text.append(type.name().toLowerCase(Locale.ROOT)).append('\n');
  }

  @Override
  public void sample(String labels, long value) {
    begin("", labels);
    text.append(value).append('\n');
  }

  @Override
  public void sample(String labels, double value) {
    begin("", labels);
    appendNumber(value);
  }

  @Override
  public void summary(String labels, long count, double sum) {
    begin("_sum", labels);
    appendNumber(sum);
    begin("_count", labels);
    text.append(count).append('\n');
  }

  @Override
  public void histogram(String labels, List<String> bounds, long[] counts, double sum) {
    String prefix = labels.isEmpty() ? "" : labels + ",";
    long cumulative = 0;
    for (int i = 0; i < counts.length; i++) {
      cumulative += counts[i];
      String bound = i < bounds.size() ? bounds.get(i) : "+Inf";
      begin("_bucket", prefix + "le=\"" + bound + "\"");
      text.append(cumulative).append('\n');
    }
    summary(labels, cumulative, sum);
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

  /** Everything written so far. */
  @Override
  public String toString() {
    return text.toString();
  }
}
