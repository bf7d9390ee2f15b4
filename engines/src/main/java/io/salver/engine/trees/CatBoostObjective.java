package io.salver.engine.trees;

import io.salver.engine.trees.LgbmObjective.Answer;

/**
 * What CatBoost makes of its sums, in doubles: scaled, with a bias, and then a function.
 *
 * @param bias {@code [groupCount]}
 * @param answer the function
 */
@SuppressWarnings("ArrayRecordComponent")
record CatBoostObjective(double scale, double[] bias, LgbmObjective answer) implements Objective {

  /** The function for a loss function, by which {@code predict} gives what users expect. */
  static LgbmObjective answer(String loss) {
    return new LgbmObjective(
        switch (loss) {
          case "Logloss",
              "CrossEntropy",
              "MultiClassOneVsAll",
              "MultiLogloss",
              "MultiCrossEntropy" ->
              Answer.LOGISTIC;
          case "MultiClass" -> Answer.PROBABILITIES;
          case "Poisson", "Tweedie" -> Answer.EXPONENTIAL;
          default -> Answer.IDENTITY;
        },
        1);
  }

  @Override
  public String title() {
    return answer.title();
  }

  @Override
  public boolean picksClass() {
    return false;
  }

  @Override
  public void apply(double[] sums, int rowCount, int groupCount) {
    for (int i = 0; i < rowCount * groupCount; i++) {
      sums[i] = scale * sums[i] + bias[i % groupCount];
    }
    answer.apply(sums, rowCount, groupCount);
  }
}
