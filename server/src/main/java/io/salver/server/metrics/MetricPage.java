package io.salver.server.metrics;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** All metrics on one page. Thread-safe. */
public final class MetricPage {
  private final List<MetricSource> sources;

  /** The page of {@code sources}, in this order. */
  public MetricPage(List<MetricSource> sources) {
    this.sources = List.copyOf(sources);
  }

  /** What is to be said now, as {@link MetricWriter#CONTENT_TYPE}. May take milliseconds. */
  public byte[] render() {
    MetricWriter out = new MetricWriter();
    writeTo(out);
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Writes what is to be said now. May take milliseconds. */
  public synchronized void writeTo(MetricWriter out) {
    for (MetricSource source : sources) {
      source.writeTo(out);
    }
  }
}
