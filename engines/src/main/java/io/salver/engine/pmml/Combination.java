package io.salver.engine.pmml;

/** One number of those of all segments that are for the row. */
final class Combination implements Scorer {
  /** How. */
  enum Way {
    SUM,
    AVERAGE,
    MEDIAN,
    MAX
  }

  private final Segments segments;
  private final Result result;
  private final Way way;
  private final boolean isSkipping;
  private final double threshold;

  /**
   * A combination.
   *
   * @param isSkipping whether a segment without an answer is left out; otherwise there is none at
   *     all then
   * @param threshold the share of weights without an answer above which there is none
   */
  Combination(Segments segments, Result result, Way way, boolean isSkipping, double threshold) {
    this.segments = segments;
    this.result = result;
    this.way = way;
    this.isSkipping = isSkipping;
    this.threshold = threshold;
  }

  @Override
  public void score(Row row) {
    double sum = 0;
    double max = Double.NEGATIVE_INFINITY;
    double weights = 0;
    double missing = 0;
    int count = 0;
    double[] all = new double[way == Way.MEDIAN ? segments.count() : 0];
    for (int i = 0; i < segments.count(); i++) {
      if (!segments.isFor(i, row)) {
        continue;
      }
      Program program = segments.programs()[i];
      program.run(row);
      double value = row.results[program.result().value()];
      double weight = segments.weights()[i];
      if (Double.isNaN(value)) {
        missing += weight;
        continue;
      }
      weights += weight;
      sum += weight * value;
      max = Math.max(max, value);
      if (way == Way.MEDIAN) {
        all[count] = value;
      }
      count++;
    }
    result.clear(row);
    boolean isMissing =
        count == 0 || missing > 0 && (!isSkipping || missing / (missing + weights) > threshold);
    if (!isMissing) {
      row.results[result.value()] =
          switch (way) {
            case SUM -> sum;
            case AVERAGE -> sum / weights;
            case MEDIAN -> Medians.median(all, count);
            case MAX -> max;
          };
    }
  }
}
