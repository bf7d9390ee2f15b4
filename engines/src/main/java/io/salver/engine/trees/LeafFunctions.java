package io.salver.engine.trees;

import java.util.List;

/** The linear functions of leaves, in flat arrays. Immutable. */
final class LeafFunctions {
  private final double[] constants;
  private final int[] starts;
  private final int[] features;
  private final double[] coefficients;

  /** The functions in this order; their features have been checked. */
  LeafFunctions(List<TreeNodes.LeafFunction> functions) {
    int terms = functions.stream().mapToInt(f -> f.features().length).sum();
    constants = new double[functions.size()];
    starts = new int[functions.size() + 1];
    features = new int[terms];
    coefficients = new double[terms];
    for (int i = 0; i < constants.length; i++) {
      TreeNodes.LeafFunction function = functions.get(i);
      constants[i] = function.constant();
      int length = function.features().length;
      System.arraycopy(function.features(), 0, features, starts[i], length);
      System.arraycopy(function.coefficients(), 0, coefficients, starts[i], length);
      starts[i + 1] = starts[i] + length;
    }
  }

  /**
   * A function's value for a row.
   *
   * @param from where the row begins in {@code rows}
   * @param otherwise what it is if one of its features is NaN
   */
  double value(int function, double[] rows, int from, double otherwise) {
    double sum = constants[function];
    for (int i = starts[function]; i < starts[function + 1]; i++) {
      double x = rows[from + features[i]];
      if (Double.isNaN(x)) {
        return otherwise;
      }
      sum += coefficients[i] * x;
    }
    return sum;
  }

  long memoryBytes() {
    return 12L * (constants.length + features.length) + Integer.BYTES;
  }
}
