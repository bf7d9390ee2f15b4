package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import java.util.Locale;

/**
 * What LightGBM's objectives make of the sums, in doubles as LightGBM does.
 *
 * @param answer the function
 * @param steepness what the logistic function's argument is multiplied by: LightGBM's parameter
 *     {@code sigmoid}
 */
record LgbmObjective(Answer answer, double steepness) implements Objective {
  private static final String STEEPNESS = "sigmoid:";

  /** The kinds of answers. */
  enum Answer {
    /** The sums themselves. */
    IDENTITY,
    /** The sums' squares, with the sums' signs. */
    SIGNED_SQUARE,
    /** The exponential function. */
    EXPONENTIAL,
    /** The logistic function of each sum. */
    LOGISTIC,
    /** The logarithm of one plus the exponential function. */
    SOFTPLUS,
    /** Probabilities by the softmax function. */
    PROBABILITIES
  }

  @Override
  public String title() {
    return answer.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** The sums themselves, where the model file names no objective. */
  static final LgbmObjective NONE = new LgbmObjective(Answer.IDENTITY, 1);

  /**
   * The objective of a model file's line, as {@code binary sigmoid:1}.
   *
   * @throws ModelLoadException if it is none whose answers are known here
   */
  static LgbmObjective of(String line) throws ModelLoadException {
    String[] words = line.strip().split(" +");
    double steepness = 1;
    boolean isSquareRoot = false;
    for (String word : words) {
      isSquareRoot |= word.equals("sqrt");
      if (word.startsWith(STEEPNESS)) {
        steepness = positive(word.substring(STEEPNESS.length()), line);
      }
    }
    Answer answer =
        switch (words[0]) {
          case "regression", "regression_l2", "l2", "mean_squared_error", "mse" ->
              isSquareRoot ? Answer.SIGNED_SQUARE : Answer.IDENTITY;
          case "regression_l1",
              "huber",
              "fair",
              "quantile",
              "mape",
              "lambdarank",
              "rank_xendcg",
              "custom",
              "none" ->
              isSquareRoot ? Answer.SIGNED_SQUARE : Answer.IDENTITY;
          case "poisson", "gamma", "tweedie" -> Answer.EXPONENTIAL;
          case "binary", "multiclassova", "cross_entropy", "xentropy" -> Answer.LOGISTIC;
          case "cross_entropy_lambda", "xentlambda" -> Answer.SOFTPLUS;
          case "multiclass", "softmax" -> Answer.PROBABILITIES;
          default ->
              throw new ModelLoadException(
                  "objective: \"" + line + "\" (expected: an objective of LightGBM, as binary)");
        };
    return new LgbmObjective(answer, steepness);
  }

  private static double positive(String number, String line) throws ModelLoadException {
    try {
      double parsed = Double.parseDouble(number);
      if (parsed > 0 && Double.isFinite(parsed)) {
        return parsed;
      }
    } catch (NumberFormatException e) {
      // Told below, as one that is not positive.
    }
    throw new ModelLoadException("objective: \"" + line + "\" (expected: sigmoid > 0)");
  }

  @Override
  public boolean picksClass() {
    return false;
  }

  @Override
  public void apply(double[] sums, int rowCount, int groupCount) {
    if (answer == Answer.PROBABILITIES) {
      for (int row = 0; row < rowCount; row++) {
        softmax(sums, row * groupCount, groupCount);
      }
    } else if (answer != Answer.IDENTITY) {
      for (int i = 0; i < rowCount * groupCount; i++) {
        sums[i] = answer(sums[i]);
      }
    }
  }

  private double answer(double sum) {
    return switch (answer) {
      case IDENTITY, PROBABILITIES -> sum;
      case SIGNED_SQUARE -> Math.signum(sum) * sum * sum;
      case EXPONENTIAL -> Math.exp(sum);
      case LOGISTIC -> 1 / (1 + Math.exp(-steepness * sum));
      case SOFTPLUS -> Math.log1p(Math.exp(sum));
    };
  }

  private static void softmax(double[] sums, int from, int count) {
    double largest = sums[from];
    for (int i = from + 1; i < from + count; i++) {
      largest = Math.max(largest, sums[i]);
    }
    double total = 0;
    for (int i = from; i < from + count; i++) {
      sums[i] = Math.exp(sums[i] - largest);
      total += sums[i];
    }
    for (int i = from; i < from + count; i++) {
      sums[i] /= total;
    }
  }
}
