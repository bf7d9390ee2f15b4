package io.salver.server.metrics;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * The buckets of a histogram. Values are whole numbers of a small unit (nanoseconds, rows), so that
 * recording needs no floating point; bounds are shown in the unit of the metric. Immutable.
 */
final class Buckets {
  /** TensorFlow Serving's for latencies: microseconds, Exponential(10, 1.8, 33). */
  static final Buckets TF_LATENCY = exponential(10, 1.8, 33, 1_000);

  /** TensorFlow Serving's for examples in a request: Exponential(1, 2, 15). */
  static final Buckets TF_EXAMPLES = exponential(1, 2, 15, 1);

  /** Seconds, from a microsecond to ten seconds in steps of 1, 2, 5. */
  static final Buckets SECONDS = oneTwoFive(1_000, 10_000_000_000L, 1_000_000_000);

  private final long[] bounds;
  private final String[] labels;
  private final int[] firstByBitLength = new int[Long.SIZE];
  private final long scale;

  private Buckets(long[] bounds, String[] labels, long scale) {
    this.bounds = bounds;
    this.labels = labels;
    this.scale = scale;
    for (int bits = 1; bits < Long.SIZE; bits++) {
      firstByBitLength[bits] = scan(0, 1L << (bits - 1));
    }
  }

  /**
   * Bounds of which each is {@code growth} times the one before, shown with six significant digits
   * as C's {@code %g} does.
   *
   * @param scale how many units of the recorded values one unit of the metric has
   */
  static Buckets exponential(double first, double growth, int count, long scale) {
    long[] bounds = new long[count];
    String[] labels = new String[count];
    double bound = first;
    for (int i = 0; i < count; i++) {
      bounds[i] = (long) (bound * scale);
      labels[i] = sixDigits(bound);
      bound *= growth;
    }
    return new Buckets(bounds, labels, scale);
  }

  private static Buckets oneTwoFive(long first, long last, long scale) {
    long[] bounds = new long[64];
    int count = 0;
    for (long decade = first; decade <= last; decade *= 10) {
      for (long bound = decade; bound <= Math.min(5 * decade, last); bound = next(bound, decade)) {
        bounds[count++] = bound;
      }
    }
    String[] labels = new String[count];
    for (int i = 0; i < count; i++) {
      labels[i] =
          BigDecimal.valueOf(bounds[i])
              .divide(BigDecimal.valueOf(scale), MathContext.DECIMAL64)
              .stripTrailingZeros()
              .toPlainString();
    }
    return new Buckets(Arrays.copyOf(bounds, count), labels, scale);
  }

  private static long next(long bound, long decade) {
    return bound == decade ? 2 * decade : bound == 2 * decade ? 5 * decade : Long.MAX_VALUE;
  }

  /** As C's {@code %g}: six significant digits, an exponent from a million on. */
  static String sixDigits(double value) {
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent >= -4 && exponent < 6) {
      return rounded.toPlainString();
    }
    String sign = exponent < 0 ? "-" : "+";
    String digits = (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    return rounded.movePointLeft(exponent).toPlainString() + "e" + sign + digits;
  }

  /** The buckets, the one without an upper bound included. */
  int count() {
    return bounds.length + 1;
  }

  /** The bucket of {@code value}: the first whose bound is not below it. */
  int indexOf(long value) {
    return value <= 0
        ? 0
        : scan(firstByBitLength[Long.SIZE - Long.numberOfLeadingZeros(value)], value);
  }

  private int scan(int from, long value) {
    int i = from;
    while (i < bounds.length && value > bounds[i]) {
      i++;
    }
    return i;
  }

  /**
   * The value below which a share {@code q} of the recorded values lie, in their unit; empty if
   * there is none. Values are taken to be spread evenly within a bucket; those of the last one, at
   * its lower bound.
   *
   * @param counts how many values fell into each bucket alone
   */
  OptionalDouble quantile(long[] counts, double q) {
    double rank = q * Arrays.stream(counts).sum();
    if (rank <= 0) {
      return OptionalDouble.empty();
    }
    int i = 0;
    for (; i < bounds.length && rank > counts[i]; i++) {
      rank -= counts[i];
    }
    double lower = i == 0 ? 0 : bounds[i - 1];
    return OptionalDouble.of(
        i == bounds.length ? lower : lower + (bounds[i] - lower) * rank / counts[i]);
  }

  /** The upper bound of bucket {@code i} in the metric's unit, as it is shown. */
  String label(int i) {
    return i < labels.length ? labels[i] : "+Inf";
  }

  /** {@code value} in the metric's unit. */
  double inUnit(long value) {
    return (double) value / scale;
  }
}
