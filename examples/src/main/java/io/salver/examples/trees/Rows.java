package io.salver.examples.trees;

import java.util.Arrays;
import java.util.List;

/**
 * What trees are grown on; its arrays are not copied and never written.
 *
 * @param names of the features
 * @param features {@code [names][rows]}; NaN where a value is missing
 * @param happened for each row whether the event happened
 */
@SuppressWarnings("ArrayRecordComponent")
public record Rows(List<String> names, float[][] features, boolean[] happened) {

  /** How many rows there are. */
  public int count() {
    return happened.length;
  }

  /** The part of the rows in which the event happened. */
  double share() {
    int count = 0;
    for (boolean one : happened) {
      count += one ? 1 : 0;
    }
    return (double) count / happened.length;
  }

  /** The rows that have the feature, by its value and then by their number. */
  int[] sorted(int feature) {
    float[] values = features[feature];
    long[] keys = new long[values.length];
    int kept = 0;
    for (int row = 0; row < values.length; row++) {
      if (!Float.isNaN(values[row])) {
        keys[kept++] = (long) sortable(values[row]) << 32 | row;
      }
    }
    Arrays.sort(keys, 0, kept);
    int[] rows = new int[kept];
    Arrays.setAll(rows, i -> (int) keys[i]);
    return rows;
  }

  /** An integer that orders as the float does. */
  private static int sortable(float value) {
    int bits = Float.floatToIntBits(value + 0f);
    return bits < 0 ? bits ^ Integer.MAX_VALUE : bits;
  }
}
