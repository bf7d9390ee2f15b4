package io.salver.engine.steps;

/** Finds the highest values. */
final class TopK {
  private TopK() {}

  /**
   * Fills {@code order} with the places of the highest values, highest first, and of equal ones the
   * first. A NaN is lower than everything.
   *
   * @param order at most as long as {@code values}
   */
  static void of(float[] values, int[] order) {
    int found = 0;
    for (int i = 0; i < values.length; i++) {
      int k = found;
      while (k > 0 && isHigher(values[i], values[order[k - 1]])) {
        k--;
      }
      if (k == order.length) {
        continue;
      }
      found = Math.min(found + 1, order.length);
      System.arraycopy(order, k, order, k + 1, found - k - 1);
      order[k] = i;
    }
  }

  private static boolean isHigher(float a, float b) {
    return a > b || Float.isNaN(b) && !Float.isNaN(a);
  }
}
