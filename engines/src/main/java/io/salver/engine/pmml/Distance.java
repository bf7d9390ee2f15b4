package io.salver.engine.pmml;

/** How far the values of a row are from a center, or how similar they are to it. Immutable. */
final class Distance {
  /** How the parts become one number. */
  enum Sum {
    EUCLIDEAN,
    SQUARED,
    LARGEST,
    PLAIN,
    POWER
  }

  /** How a value is compared. */
  enum Comparison {
    DIFFERENCE,
    GAUSS,
    DELTA,
    EQUAL
  }

  private static final double LN_2 = Math.log(2);

  private final Sum sum;
  private final double power;
  private final int[] slots;
  private final double[] weights;
  private final Comparison[] comparisons;
  private final double[] scales;
  private final double[] missingWeights;

  /**
   * A distance.
   *
   * @param power for {@link Sum#POWER}
   * @param weights by field: of its part
   * @param scales by field: the scale of {@link Comparison#GAUSS}
   * @param missingWeights by field: how much is lost where it is missing; what is left of a sum is
   *     scaled up by it
   */
  Distance(
      Sum sum,
      double power,
      int[] slots,
      double[] weights,
      Comparison[] comparisons,
      double[] scales,
      double[] missingWeights) {
    this.sum = sum;
    this.power = power;
    this.slots = slots;
    this.weights = weights;
    this.comparisons = comparisons;
    this.scales = scales;
    this.missingWeights = missingWeights;
  }

  /** The distance to a center; NaN if nothing is there to compare. */
  double to(double[] center, Row row) {
    double total = 0;
    double there = 0;
    double all = 0;
    for (int i = 0; i < slots.length; i++) {
      all += missingWeights[i];
      double x = row.values[slots[i]];
      if (Double.isNaN(x)) {
        continue;
      }
      there += missingWeights[i];
      double part = compare(comparisons[i], x, center[i], scales[i]);
      switch (sum) {
        case EUCLIDEAN, SQUARED -> total += weights[i] * part * part;
        case LARGEST -> total = Math.max(total, weights[i] * part);
        case PLAIN -> total += weights[i] * part;
        case POWER -> total += weights[i] * Math.pow(part, power);
      }
    }
    if (there == 0) {
      return Double.NaN;
    }
    double scaled = total * (all / there);
    return switch (sum) {
      case EUCLIDEAN -> Math.sqrt(scaled);
      case SQUARED, PLAIN -> scaled;
      case LARGEST -> total;
      case POWER -> Math.pow(scaled, 1 / power);
    };
  }

  private static double compare(Comparison comparison, double x, double y, double scale) {
    return switch (comparison) {
      case DIFFERENCE -> Math.abs(x - y);
      case GAUSS -> Math.exp(-LN_2 * (x - y) * (x - y) / (scale * scale));
      case DELTA -> x == y ? 0 : 1;
      case EQUAL -> x == y ? 1 : 0;
    };
  }
}
