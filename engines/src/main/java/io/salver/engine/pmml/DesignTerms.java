package io.salver.engine.pmml;

/**
 * A linear predictor of products: the sum of {@code coefficients[i]} times all of {@code
 * products[i]}.
 */
@SuppressWarnings("ArrayRecordComponent")
record DesignTerms(Factor[][] products, double[] coefficients) {
  /**
   * A factor of a product.
   *
   * @param isCategory whether it is 1 for the value {@code operand} and 0 for others; otherwise it
   *     is the value to the power of {@code operand}
   */
  record Factor(int slot, boolean isCategory, double operand) {
    private double value(Row row) {
      double x = row.values[slot];
      if (Double.isNaN(x)) {
        return x;
      }
      return isCategory ? x == operand ? 1 : 0 : operand == 1 ? x : Math.pow(x, operand);
    }
  }

  /** The sum for a row; NaN if a value is missing. */
  double value(Row row) {
    double sum = 0;
    for (int i = 0; i < coefficients.length; i++) {
      double product = coefficients[i];
      for (Factor factor : products[i]) {
        product *= factor.value(row);
      }
      sum += product;
    }
    return sum;
  }
}
