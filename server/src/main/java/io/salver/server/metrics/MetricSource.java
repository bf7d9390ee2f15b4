package io.salver.server.metrics;

/** Something that has metrics to show. */
@FunctionalInterface
public interface MetricSource {
  /**
   * Writes whole families: each name once, with all its samples. Called by one thread at a time,
   * never by one that serves predictions, so it may read files and take its time.
   */
  void writeTo(MetricWriter out);
}
