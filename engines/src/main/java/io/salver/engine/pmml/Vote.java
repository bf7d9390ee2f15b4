package io.salver.engine.pmml;

import java.util.Arrays;

/** The category that most segments say, or that is the most probable by their average. */
final class Vote implements Scorer {
  private final Segments segments;
  private final Result result;
  private final boolean isVote;
  private final boolean isSkipping;
  private final double threshold;

  /**
   * A vote.
   *
   * @param isVote whether a segment gives all of its weight to its answer; otherwise it shares it
   *     by its probabilities
   * @param isSkipping whether a segment without an answer is left out; otherwise there is none at
   *     all then
   * @param threshold the share of weights without an answer above which there is none
   */
  Vote(Segments segments, Result result, boolean isVote, boolean isSkipping, double threshold) {
    this.segments = segments;
    this.result = result;
    this.isVote = isVote;
    this.isSkipping = isSkipping;
    this.threshold = threshold;
  }

  @Override
  public void score(Row row) {
    int from = result.probabilities();
    int count = result.categories().length;
    result.clear(row);
    Arrays.fill(row.results, from, from + count, 0);
    double weights = 0;
    double missing = 0;
    for (int i = 0; i < segments.count(); i++) {
      if (!segments.isFor(i, row)) {
        continue;
      }
      Program program = segments.programs()[i];
      program.run(row);
      double weight = segments.weights()[i];
      int answer = program.result().indexOf(row.results[program.result().value()]);
      if (answer < 0) {
        missing += weight;
        continue;
      }
      weights += weight;
      add(program.result(), segments.categories()[i], answer, weight, row);
    }
    boolean isMissing =
        weights == 0 || missing > 0 && (!isSkipping || missing / (missing + weights) > threshold);
    for (int i = from; i < from + count; i++) {
      row.results[i] = isMissing ? Double.NaN : row.results[i] / weights;
    }
    result.pickCategory(row);
  }

  private void add(Result of, int[] categories, int answer, double weight, Row row) {
    int to = result.probabilities();
    if (isVote) {
      row.results[to + categories[answer]] += weight;
      return;
    }
    for (int i = 0; i < categories.length; i++) {
      double probability = row.results[of.probabilities() + i];
      row.results[to + categories[i]] += Double.isNaN(probability) ? 0 : weight * probability;
    }
  }
}
