package io.salver.routing;

import java.util.Arrays;

/**
 * Makes one answer of those of an ensemble's members.
 *
 * <p>Scores are {@code [members][rows * classes]}; with one class they are values (a regression, or
 * a probability). Members that have not arrived are left out, and so is a member for a row in which
 * it gives something that is no finite number. A member votes for its first largest class.
 *
 * <p>The confidence of a row is the share of members (by weight, where there are weights) that vote
 * for the class that the ensemble answers, among those that arrived. For values it is 1 less their
 * coefficient of variation, at least 0.
 */
public final class Combiner {
  private Combiner() {}

  /**
   * The mean of the members' scores.
   *
   * @throws IllegalArgumentException if the sizes do not fit each other
   */
  public static Combined mean(double[][] scores, boolean[] arrived, int rows, int classes) {
    return weighted(scores, arrived, ones(scores.length), rows, classes);
  }

  /**
   * The weighted mean of the members' scores; the weights of those that arrived are what counts.
   *
   * @param weights {@code [members]}, finite and not negative
   * @throws IllegalArgumentException if the sizes do not fit each other, or a weight cannot be
   */
  public static Combined weighted(
      double[][] scores, boolean[] arrived, double[] weights, int rows, int classes) {
    check(scores, arrived, weights, rows, classes);
    double[] combined = new double[rows * classes];
    double[] confidence = new double[rows];
    for (int row = 0; row < rows; row++) {
      double total = 0;
      for (int member = 0; member < scores.length; member++) {
        if (counts(scores[member], arrived[member], row, classes)) {
          total += weights[member];
          for (int at = row * classes; at < (row + 1) * classes; at++) {
            combined[at] += weights[member] * scores[member][at];
          }
        }
      }
      for (int at = row * classes; at < (row + 1) * classes; at++) {
        // Without anybody, 0 / 0: what nobody answered is no number.
        combined[at] /= total;
      }
      if (total > 0) {
        confidence[row] =
            classes == 1
                ? steadiness(scores, arrived, weights, row, combined[row])
                : votes(scores, arrived, weights, row, classes)[best(combined, row, classes)]
                    / total;
      }
    }
    return new Combined(combined, confidence, share(arrived));
  }

  /**
   * The class with the most votes; the scores are the shares of votes. Of classes with as many
   * votes the first one wins.
   *
   * @throws IllegalArgumentException if the sizes do not fit each other, or there is but one class
   */
  public static Combined majority(double[][] scores, boolean[] arrived, int rows, int classes) {
    double[] ones = ones(scores.length);
    check(scores, arrived, ones, rows, classes);
    if (classes == 1) {
      throw new IllegalArgumentException("majority of 1 class (expected: >= 2)");
    }
    double[] combined = new double[rows * classes];
    double[] confidence = new double[rows];
    for (int row = 0; row < rows; row++) {
      double[] votes = votes(scores, arrived, ones, row, classes);
      double total = Arrays.stream(votes).sum();
      for (int i = 0; i < classes; i++) {
        combined[row * classes + i] = votes[i] / total;
      }
      confidence[row] = total > 0 ? votes[Simplex.argMax(votes)] / total : 0;
    }
    return new Combined(combined, confidence, share(arrived));
  }

  /**
   * How sure one model is of its answers, for a cascade: the probability of each row's best class.
   * Rows of numbers from 0 to 1 that sum to 1 are probabilities; others are taken to be logits, and
   * become probabilities by softmax. With one class, a number from 0 to 1 is a probability and
   * others are logits. 0 where a score is no finite number.
   *
   * @param scores {@code [rows * classes]}
   * @return {@code [rows]}, 0 to 1
   * @throws IllegalArgumentException if the sizes do not fit each other
   */
  public static double[] confidence(double[] scores, int rows, int classes) {
    check(new double[][] {scores}, new boolean[] {true}, ones(1), rows, classes);
    double[] confidence = new double[rows];
    for (int row = 0; row < rows; row++) {
      if (counts(scores, true, row, classes)) {
        confidence[row] =
            classes == 1 ? ofOne(scores[row]) : ofBest(scores, row * classes, classes);
      }
    }
    return confidence;
  }

  private static double ofOne(double score) {
    double probability = score >= 0 && score <= 1 ? score : 1 / (1 + Math.exp(-score));
    return Math.max(probability, 1 - probability);
  }

  private static double ofBest(double[] scores, int from, int classes) {
    double max = Double.NEGATIVE_INFINITY;
    double min = Double.POSITIVE_INFINITY;
    double sum = 0;
    for (int at = from; at < from + classes; at++) {
      max = Math.max(max, scores[at]);
      min = Math.min(min, scores[at]);
      sum += scores[at];
    }
    // Probabilities of 32 bits sum to 1 only so far.
    if (min >= 0 && Math.abs(sum - 1) < 1e-3) {
      return Math.min(1, max);
    }
    double exponentials = 0;
    for (int at = from; at < from + classes; at++) {
      exponentials += Math.exp(scores[at] - max);
    }
    return 1 / exponentials;
  }

  private static double[] votes(
      double[][] scores, boolean[] arrived, double[] weights, int row, int classes) {
    double[] votes = new double[classes];
    for (int member = 0; member < scores.length; member++) {
      if (counts(scores[member], arrived[member], row, classes)) {
        votes[best(scores[member], row, classes)] += weights[member];
      }
    }
    return votes;
  }

  private static int best(double[] scores, int row, int classes) {
    int best = 0;
    for (int i = 1; i < classes; i++) {
      if (scores[row * classes + i] > scores[row * classes + best]) {
        best = i;
      }
    }
    return best;
  }

  private static double steadiness(
      double[][] scores, boolean[] arrived, double[] weights, int row, double mean) {
    double squares = 0;
    double total = 0;
    for (int member = 0; member < scores.length; member++) {
      if (counts(scores[member], arrived[member], row, 1)) {
        double apart = scores[member][row] - mean;
        squares += weights[member] * apart * apart;
        total += weights[member];
      }
    }
    double deviation = Math.sqrt(squares / total);
    return deviation == 0 ? 1 : Math.max(0, 1 - deviation / Math.abs(mean));
  }

  private static boolean counts(double[] scores, boolean arrived, int row, int classes) {
    if (!arrived) {
      return false;
    }
    for (int at = row * classes; at < (row + 1) * classes; at++) {
      if (!Double.isFinite(scores[at])) {
        return false;
      }
    }
    return true;
  }

  private static double share(boolean[] arrived) {
    int count = 0;
    for (boolean one : arrived) {
      count += one ? 1 : 0;
    }
    return (double) count / arrived.length;
  }

  private static double[] ones(int length) {
    double[] ones = new double[length];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static void check(
      double[][] scores, boolean[] arrived, double[] weights, int rows, int classes) {
    if (scores.length == 0
        || arrived.length != scores.length
        || weights.length != scores.length
        || rows < 0
        || classes < 1) {
      throw new IllegalArgumentException(
          scores.length
              + " members, "
              + arrived.length
              + " arrived or not, "
              + weights.length
              + " weights, "
              + rows
              + " rows, "
              + classes
              + " classes (expected: as many of the first three, >= 1; rows >= 0; classes >= 1)");
    }
    for (int member = 0; member < scores.length; member++) {
      if (arrived[member] && scores[member].length != (long) rows * classes) {
        throw new IllegalArgumentException(
            "member "
                + member
                + ": "
                + scores[member].length
                + " scores (expected: "
                + rows
                + " rows of "
                + classes
                + ")");
      }
      if (!(weights[member] >= 0) || Double.isInfinite(weights[member])) {
        throw new IllegalArgumentException(
            "weight of member " + member + ": " + weights[member] + " (expected: >= 0, finite)");
      }
    }
  }
}
