package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import io.salver.tensor.DType;

/**
 * What XGBoost's three formats say of a model besides its booster.
 *
 * @param margins what the sums begin with, one for each
 */
@SuppressWarnings("ArrayRecordComponent")
record XgbHead(int featureCount, float[] margins, XgbObjective objective) {
  /** More sums than any row of a sensible model has; bounds what a broken count allocates. */
  private static final int MAX_GROUPS = 1 << 20;

  /**
   * Checks the counts.
   *
   * @param groupCount classes or targets, at least 1
   * @param baseScores as the file has them: one for all sums, or one for each
   */
  static XgbHead of(int featureCount, int groupCount, float[] baseScores, XgbObjective objective)
      throws ModelLoadException {
    if (groupCount > MAX_GROUPS) {
      throw new ModelLoadException(
          "classes or targets: " + groupCount + " (expected: at most " + MAX_GROUPS + ")");
    }
    if (baseScores.length != 1 && baseScores.length != groupCount) {
      throw new ModelLoadException(
          "base_score: "
              + baseScores.length
              + " values (expected: 1, or "
              + groupCount
              + ", one for each class or target)");
    }
    float[] margins = new float[groupCount];
    for (int i = 0; i < groupCount; i++) {
      margins[i] = objective.margin(baseScores[baseScores.length == 1 ? 0 : i]);
    }
    return new XgbHead(featureCount, margins, objective);
  }

  int groupCount() {
    return margins.length;
  }

  /** The model with trees. */
  TreesDefinition withTrees(ForestBuilder builder) {
    double[] base = new double[margins.length];
    for (int i = 0; i < base.length; i++) {
      base[i] = margins[i];
    }
    return definition(builder.build(base, true));
  }

  /**
   * The model with a linear booster.
   *
   * @param weights {@code [featureCount + 1, groupCount]}, the last row the biases
   */
  TreesDefinition withWeights(float[] weights) throws ModelLoadException {
    long expected = (featureCount + 1L) * margins.length;
    if (weights.length != expected) {
      throw new ModelLoadException(
          "weights: " + weights.length + " (expected: " + expected + ", with the biases)");
    }
    float[] first = new float[margins.length];
    for (int group = 0; group < first.length; group++) {
      first[group] = weights[featureCount * first.length + group] + margins[0];
    }
    return definition(new LinearScorer(weights, first, featureCount));
  }

  private TreesDefinition definition(Scorer scorer) {
    return new TreesDefinition(scorer, 1, objective, DType.FLOAT32);
  }
}
