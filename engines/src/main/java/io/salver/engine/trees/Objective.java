package io.salver.engine.trees;

/** What a model makes of its sums. Immutable and thread-safe. */
sealed interface Objective permits XgbObjective, LgbmObjective, CatBoostObjective {
  /** What it makes of them, for a person, as {@code logistic}. */
  String title();

  /** Whether a row's answer is one number although it has several sums: that of the best class. */
  boolean picksClass();

  /**
   * Turns sums into answers, in place.
   *
   * @param sums {@code [rowCount, groupCount]}; of a row's answers only the first one counts if
   *     {@link #picksClass()}
   */
  void apply(double[] sums, int rowCount, int groupCount);
}
