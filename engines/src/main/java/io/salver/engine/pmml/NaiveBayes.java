package io.salver.engine.pmml;

/**
 * The naive Bayes classifier, by logarithms, so that a product of many inputs is not 0. What is
 * missing, or was not counted, says nothing.
 */
final class NaiveBayes implements Scorer {
  private static final double LOG_2_PI = Math.log(2 * Math.PI);

  private final double[] prior;
  private final Input[] inputs;
  private final double least;
  private final Result result;

  /** What an input says of the categories. */
  sealed interface Input {}

  /**
   * A number that is normally distributed in each category.
   *
   * @param means by category; NaN for one that it says nothing of
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Gauss(Expression value, double[] means, double[] variances) implements Input {}

  /**
   * A value of which each was counted.
   *
   * @param logs by value and category: the logarithm of its probability
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Pairs(Expression value, double[] values, double[][] logs) implements Input {}

  /**
   * A classifier.
   *
   * @param prior by category: the logarithm of how often there is one
   * @param least the logarithm of what is taken for a density of 0
   */
  NaiveBayes(double[] prior, Input[] inputs, double least, Result result) {
    this.prior = prior;
    this.inputs = inputs;
    this.least = least;
    this.result = result;
  }

  @Override
  public void score(Row row) {
    result.clear(row);
    int from = result.probabilities();
    System.arraycopy(prior, 0, row.results, from, prior.length);
    for (Input input : inputs) {
      switch (input) {
        case Gauss gauss -> add(gauss, row, from);
        case Pairs pairs -> add(pairs, row, from);
      }
    }
    Probabilities.softmax(row.results, from, prior.length);
    result.pickCategory(row);
  }

  private void add(Gauss gauss, Row row, int from) {
    double x = gauss.value.value(row);
    if (Double.isNaN(x)) {
      return;
    }
    for (int i = 0; i < prior.length; i++) {
      double distance = x - gauss.means[i];
      double variance = gauss.variances[i];
      double log = -(LOG_2_PI + Math.log(variance) + distance * distance / variance) / 2;
      if (!Double.isNaN(log)) {
        row.results[from + i] += Math.exp(log) == 0 ? least : log;
      }
    }
  }

  private static void add(Pairs pairs, Row row, int from) {
    double x = pairs.value.value(row);
    for (int i = 0; i < pairs.values.length; i++) {
      if (pairs.values[i] == x) {
        for (int j = 0; j < pairs.logs[i].length; j++) {
          row.results[from + j] += pairs.logs[i][j];
        }
        return;
      }
    }
  }
}
