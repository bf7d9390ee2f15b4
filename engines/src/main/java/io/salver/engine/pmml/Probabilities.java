package io.salver.engine.pmml;

import java.util.Arrays;

/** Turns scores of categories into probabilities, in place. */
final class Probabilities {
  private Probabilities() {}

  /** By the softmax function. */
  static void softmax(double[] values, int from, int count) {
    double largest = values[from];
    for (int i = from + 1; i < from + count; i++) {
      largest = Math.max(largest, values[i]);
    }
    for (int i = from; i < from + count; i++) {
      values[i] = Math.exp(values[i] - largest);
    }
    normalize(values, from, count);
  }

  /** Divides by their sum; where that is 0, none is known. */
  static void normalize(double[] values, int from, int count) {
    double total = 0;
    for (int i = from; i < from + count; i++) {
      total += values[i];
    }
    for (int i = from; i < from + count; i++) {
      values[i] = total == 0 ? Double.NaN : values[i] / total;
    }
  }

  /** Makes the last one what the others leave. */
  static void complement(double[] values, int from, int count) {
    double rest = 1;
    for (int i = from; i < from + count - 1; i++) {
      rest -= values[i];
    }
    values[from + count - 1] = rest;
  }

  /** Makes probabilities of up to each category those of each. */
  static void differences(double[] values, int from, int count) {
    values[from + count - 1] = 1;
    for (int i = from + count - 1; i > from; i--) {
      values[i] -= values[i - 1];
    }
  }

  /** Makes all of them missing if one is. */
  static boolean areKnown(double[] values, int from, int count) {
    for (int i = from; i < from + count; i++) {
      if (Double.isNaN(values[i])) {
        Arrays.fill(values, from, from + count, Double.NaN);
        return false;
      }
    }
    return true;
  }
}
