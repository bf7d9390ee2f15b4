package io.salver.server.metrics;

import java.util.List;

/**
 * How metrics are written. Families come one after the other, each with all its samples. Used by
 * one thread.
 */
public interface MetricFormat {
  /** What a family's samples are. */
  enum Type {
    /** Numbers that only grow until the process ends. */
    COUNTER,
    /** Numbers that go up and down. */
    GAUGE,
    /** Counts by buckets, and a sum. */
    HISTOGRAM,
    /** A count and a sum. */
    SUMMARY
  }

  /** Begins a family. */
  void family(String name, Type type, String help);

  /**
   * Writes a counter or gauge.
   *
   * @param labels from {@link MetricWriter#labels}; empty for none
   */
  void sample(String labels, long value);

  /** As the other. */
  void sample(String labels, double value);

  /** Writes a summary. */
  void summary(String labels, long count, double sum);

  /**
   * Writes a histogram.
   *
   * @param bounds the upper bounds of the buckets but the last
   * @param counts how many values each bucket has, the last without an upper bound included
   */
  void histogram(String labels, List<String> bounds, long[] counts, double sum);
}
