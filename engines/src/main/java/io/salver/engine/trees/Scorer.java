package io.salver.engine.trees;

/** Turns rows of features into sums: the model without what its objective makes of them. */
sealed interface Scorer permits Forest, LinearScorer {
  /** The features of a row. */
  int featureCount();

  /** The sums for a row: one, or one for each class or target. */
  int groupCount();

  /**
   * Computes the sums of rows.
   *
   * @param rows {@code [rowCount, featureCount]}; NaN where a value is missing
   * @param sums set to {@code [rowCount, groupCount]}
   */
  void score(double[] rows, int rowCount, double[] sums);

  /** The bytes that the model's arrays take. */
  long memoryBytes();
}
