package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import java.util.Arrays;
import java.util.Locale;

/** What XGBoost's objectives make of the sums, in floats as XGBoost does. */
enum XgbObjective implements Objective {
  /** The sums themselves. */
  IDENTITY,
  /** A probability by the logistic function. */
  LOGISTIC,
  /** The sums in rising order: quantiles that do not cross, since XGBoost 3.4. */
  SORTED,
  /** The exponential function. */
  EXPONENTIAL,
  /** 1 above zero, otherwise 0. */
  HINGE,
  /** Probabilities by the softmax function. */
  PROBABILITIES,
  /** The number of the class with the largest sum. */
  BEST_CLASS;

  /** XGBoost's kRtEps. */
  private static final float NEAR_EDGE = 1e-6f;

  /**
   * The objective of a name.
   *
   * @throws ModelLoadException if it is none whose answers are known here
   */
  static XgbObjective of(String name) throws ModelLoadException {
    return switch (name) {
      case "reg:squarederror",
          "reg:linear",
          "reg:squaredlogerror",
          "reg:pseudohubererror",
          "reg:absoluteerror",
          "reg:quantileerror",
          "binary:logitraw",
          "rank:pairwise",
          "rank:ndcg",
          "rank:map" ->
          IDENTITY;
      case "reg:logistic", "binary:logistic" -> LOGISTIC;
      case "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft" ->
          EXPONENTIAL;
      case "binary:hinge" -> HINGE;
      case "multi:softprob" -> PROBABILITIES;
      case "multi:softmax" -> BEST_CLASS;
      default ->
          throw new ModelLoadException(
              "objective: \""
                  + name
                  + "\" (expected: a regression, binary, count, survival, multi-class or ranking"
                  + " objective of XGBoost, as binary:logistic)");
    };
  }

  @Override
  public String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /**
   * What sums begin with, given what the model file calls {@code base_score}.
   *
   * @throws ModelLoadException if the objective has no answer of that value
   */
  float margin(float baseScore) throws ModelLoadException {
    return switch (this) {
      case IDENTITY, SORTED, HINGE, PROBABILITIES, BEST_CLASS -> finite(baseScore, baseScore);
      case LOGISTIC -> {
        if (!(baseScore >= 0 && baseScore <= 1)) {
          throw refused(baseScore, "between 0 and 1");
        }
        float p = Math.min(Math.max(baseScore, NEAR_EDGE), 1 - NEAR_EDGE);
        yield -FloatMath.log(1 / p - 1);
      }
      case EXPONENTIAL -> finite(baseScore, FloatMath.log(baseScore));
    };
  }

  private float finite(float baseScore, float margin) throws ModelLoadException {
    if (!Float.isFinite(margin)) {
      throw refused(baseScore, "a value that the objective can have");
    }
    return margin;
  }

  private ModelLoadException refused(float baseScore, String expected) {
    return new ModelLoadException(
        "base_score: "
            + baseScore
            + " (expected: "
            + expected
            + ", for "
            + name().toLowerCase(Locale.ROOT)
            + " answers)");
  }

  /** An answer for one sum, where each sum is turned by itself. */
  float answer(float sum) {
    return switch (this) {
      case LOGISTIC -> FloatMath.sigmoid(sum);
      case EXPONENTIAL -> FloatMath.exp(sum);
      case HINGE -> sum > 0 ? 1 : 0;
      case IDENTITY, SORTED, PROBABILITIES, BEST_CLASS -> sum;
    };
  }

  @Override
  public boolean picksClass() {
    return this == BEST_CLASS;
  }

  @Override
  public void apply(double[] sums, int rowCount, int groupCount) {
    switch (this) {
      case IDENTITY -> {}
      case SORTED -> {
        for (int row = 0; row < rowCount; row++) {
          Arrays.sort(sums, row * groupCount, (row + 1) * groupCount);
        }
      }
      case LOGISTIC, EXPONENTIAL, HINGE -> {
        for (int i = 0; i < rowCount * groupCount; i++) {
          sums[i] = answer((float) sums[i]);
        }
      }
      case PROBABILITIES -> {
        for (int row = 0; row < rowCount; row++) {
          FloatMath.softmax(sums, row * groupCount, groupCount);
        }
      }
      case BEST_CLASS -> {
        for (int row = 0; row < rowCount; row++) {
          sums[row * groupCount] = bestClass(sums, row * groupCount, groupCount);
        }
      }
    }
  }

  private static int bestClass(double[] sums, int from, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      if (sums[from + i] > sums[from + best]) {
        best = i;
      }
    }
    return best;
  }
}
