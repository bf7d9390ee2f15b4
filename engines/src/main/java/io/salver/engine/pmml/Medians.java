package io.salver.engine.pmml;

import java.util.Arrays;

/** Means and medians of what is not missing. */
final class Medians {
  private Medians() {}

  static double mean(Expression[] all, Row row) {
    double sum = 0;
    int count = 0;
    for (Expression one : all) {
      double value = one.value(row);
      if (!Double.isNaN(value)) {
        sum += value;
        count++;
      }
    }
    return count == 0 ? Double.NaN : sum / count;
  }

  static double median(Expression[] all, Row row) {
    double[] values = new double[all.length];
    int count = 0;
    for (Expression one : all) {
      double value = one.value(row);
      if (!Double.isNaN(value)) {
        values[count++] = value;
      }
    }
    return median(values, count);
  }

  /** The median of the first {@code count} values, which are sorted. */
  static double median(double[] values, int count) {
    Arrays.sort(values, 0, count);
    if (count == 0) {
      return Double.NaN;
    }
    double upper = values[count / 2];
    return count % 2 == 1 ? upper : (values[count / 2 - 1] + upper) / 2;
  }
}
