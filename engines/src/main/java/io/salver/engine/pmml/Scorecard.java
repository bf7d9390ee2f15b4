package io.salver.engine.pmml;

/**
 * Adds up the partial score of the first attribute that is true for each characteristic. A
 * characteristic of which none is true leaves the whole without a score.
 *
 * <p>The reasons are those of the attributes, by how far their scores lie from the baselines, the
 * farthest first; of equal ones, the one that comes first in the file. One that two characteristics
 * share counts with the sum of both.
 */
final class Scorecard implements Scorer {
  private final Predicates predicates;
  private final Characteristic[] characteristics;
  private final double initialScore;
  private final boolean isBelow;
  private final Result result;

  /**
   * A characteristic.
   *
   * @param tests by attribute: its predicate
   * @param scores by attribute
   * @param reasons by attribute: the string that explains it
   * @param baseline what its score is held against
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Characteristic(int[] tests, Expression[] scores, double[] reasons, double baseline) {}

  /**
   * A scorecard.
   *
   * @param isBelow whether scores below the baseline are worse
   */
  Scorecard(
      Predicates predicates,
      Characteristic[] characteristics,
      double initialScore,
      boolean isBelow,
      Result result) {
    this.predicates = predicates;
    this.characteristics = characteristics;
    this.initialScore = initialScore;
    this.isBelow = isBelow;
    this.result = result;
  }

  @Override
  public void score(Row row) {
    result.clear(row);
    double[] distances = new double[result.reasonCount()];
    int reasonCount = 0;
    double sum = initialScore;
    for (Characteristic characteristic : characteristics) {
      int attribute = find(characteristic.tests, row);
      if (attribute < 0) {
        result.clear(row);
        return;
      }
      double score = characteristic.scores[attribute].value(row);
      sum += score;
      if (result.reasonCount() > 0) {
        double difference = characteristic.baseline - score;
        reasonCount =
            addReason(
                row,
                characteristic.reasons[attribute],
                isBelow ? difference : -difference,
                distances,
                reasonCount);
      }
    }
    row.results[result.value()] = sum;
    sort(row.results, distances, reasonCount);
  }

  private int find(int[] tests, Row row) {
    for (int i = 0; i < tests.length; i++) {
      if (predicates.test(tests[i], row) == Predicates.TRUE) {
        return i;
      }
    }
    return -1;
  }

  private int addReason(Row row, double reason, double distance, double[] distances, int count) {
    int from = result.reasons();
    for (int i = 0; i < count; i++) {
      if (row.results[from + i] == reason) {
        distances[i] += distance;
        return count;
      }
    }
    row.results[from + count] = reason;
    distances[count] = distance;
    return count + 1;
  }

  /** Sorts by insertion: there are few, and equal ones stay in their order. */
  private void sort(double[] results, double[] distances, int count) {
    int from = result.reasons();
    for (int i = 1; i < count; i++) {
      double distance = distances[i];
      double reason = results[from + i];
      int at = i;
      while (at > 0 && distances[at - 1] < distance) {
        distances[at] = distances[at - 1];
        results[from + at] = results[from + at - 1];
        at--;
      }
      distances[at] = distance;
      results[from + at] = reason;
    }
  }
}
