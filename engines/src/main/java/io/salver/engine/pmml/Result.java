package io.salver.engine.pmml;

import java.util.Arrays;

/**
 * Where a model leaves its answer for a row, in {@link Row#results}.
 *
 * @param type of the value
 * @param categories the values that have a probability or, of clusters, an affinity; none if the
 *     value is a number that was computed
 * @param at the first place
 * @param reasonCount how many reasons for the value there are
 */
@SuppressWarnings("ArrayRecordComponent")
record Result(DataType type, double[] categories, int at, int reasonCount) {
  private static final int HEAD = 3;

  /** A result in new places. */
  static Result of(DataType type, double[] categories, int reasonCount, Build build) {
    int at = build.newResults(HEAD + categories.length + reasonCount);
    return new Result(type, categories, at, reasonCount);
  }

  /** The value. */
  int value() {
    return at;
  }

  /** The string that names what the value comes from: a node or a cluster. */
  int entity() {
    return at + 1;
  }

  /** How near the value's cluster is. */
  int affinity() {
    return at + 2;
  }

  /** The probability of category 0; those of the others follow. */
  int probabilities() {
    return at + HEAD;
  }

  /** The string of the first reason; the others follow. */
  int reasons() {
    return at + HEAD + categories.length;
  }

  /** The number of a category, or -1. */
  int indexOf(double category) {
    for (int i = 0; i < categories.length; i++) {
      if (categories[i] == category) {
        return i;
      }
    }
    return -1;
  }

  /** Makes all of it missing. */
  void clear(Row row) {
    Arrays.fill(row.results, at, reasons() + reasonCount, Double.NaN);
  }

  /** Sets the value to the category of the highest probability, the first of equal ones. */
  void pickCategory(Row row) {
    int best = -1;
    for (int i = 0; i < categories.length; i++) {
      double probability = row.results[probabilities() + i];
      if (!Double.isNaN(probability)
          && (best < 0 || probability > row.results[probabilities() + best])) {
        best = i;
      }
    }
    row.results[value()] = best < 0 ? Double.NaN : categories[best];
  }
}
