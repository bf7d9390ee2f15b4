package io.salver.engine.trees;

/**
 * XGBoost's linear booster: sums of weighted features, added in the order of the features, in
 * floats. A missing value adds nothing. Immutable and thread-safe.
 */
final class LinearScorer implements Scorer {
  private final float[] weights;
  private final float[] first;
  private final int featureCount;

  /**
   * A linear model.
   *
   * @param weights {@code [featureCount, groupCount]}, then maybe more
   * @param first what each sum begins with
   */
  LinearScorer(float[] weights, float[] first, int featureCount) {
    this.weights = weights;
    this.first = first;
    this.featureCount = featureCount;
  }

  @Override
  public int featureCount() {
    return featureCount;
  }

  @Override
  public int groupCount() {
    return first.length;
  }

  @Override
  public void score(double[] rows, int rowCount, double[] sums) {
    int groupCount = first.length;
    for (int row = 0; row < rowCount; row++) {
      for (int group = 0; group < groupCount; group++) {
        float sum = first[group];
        for (int feature = 0; feature < featureCount; feature++) {
          float x = (float) rows[row * featureCount + feature];
          if (!Float.isNaN(x)) {
            sum += x * weights[feature * groupCount + group];
          }
        }
        sums[row * groupCount + group] = sum;
      }
    }
  }

  @Override
  public long memoryBytes() {
    return 4L * (weights.length + first.length);
  }
}
