package io.salver.bench.bandits;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** A classifier that is trained in a moment. */
interface SmallModel {
  /** A score for each class. */
  double[] scores(double[] row);

  default int answer(double[] row) {
    double[] scores = scores(row);
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      best = scores[i] > scores[best] ? i : best;
    }
    return best;
  }

  /** Multinomial logistic regression by stochastic gradient descent. */
  static SmallModel logistic(Table table, int passes, SplittableRandom random) {
    int features = table.rows()[0].length;
    double[][] weights = new double[table.classes()][features + 1];
    SmallModel model = row -> softmax(weights, row);
    for (int i = 0; i < passes * table.rows().length; i++) {
      int at = random.nextInt(table.rows().length);
      double[] row = table.rows()[at];
      double[] scores = model.scores(row);
      double rate = 0.1 / (1 + 5.0 * i / (passes * table.rows().length));
      for (int c = 0; c < scores.length; c++) {
        double error = (table.labels()[at] == c ? 1 : 0) - scores[c];
        for (int f = 0; f < features; f++) {
          weights[c][f] += rate * error * row[f];
        }
        weights[c][features] += rate * error;
      }
    }
    return model;
  }

  private static double[] softmax(double[][] weights, double[] row) {
    double[] scores = new double[weights.length];
    for (int c = 0; c < scores.length; c++) {
      scores[c] = weights[c][row.length];
      for (int f = 0; f < row.length; f++) {
        scores[c] += weights[c][f] * row[f];
      }
    }
    return normalized(scores);
  }

  private static double[] normalized(double[] logits) {
    double max = Arrays.stream(logits).max().orElse(0);
    double[] scores = Arrays.stream(logits).map(s -> Math.exp(s - max)).toArray();
    double sum = Arrays.stream(scores).sum();
    return Arrays.stream(scores).map(s -> s / sum).toArray();
  }

  /** Naive Bayes with normal distributions. */
  static SmallModel naiveBayes(Table table) {
    Table.Scale[] scales = new Table.Scale[table.classes()];
    double[] priors = new double[table.classes()];
    for (int c = 0; c < scales.length; c++) {
      int label = c;
      int[] of =
          IntStream.range(0, table.labels().length)
              .filter(i -> table.labels()[i] == label)
              .toArray();
      double[][] rows = Arrays.stream(of).mapToObj(i -> table.rows()[i]).toArray(double[][]::new);
      scales[c] = new Table(rows, new int[of.length], 1).scale();
      priors[c] = Math.log(of.length);
    }
    return row -> {
      double[] logits = priors.clone();
      for (int c = 0; c < logits.length; c++) {
        double[] apart = scales[c].of(row);
        for (int f = 0; f < row.length; f++) {
          double deviation = scales[c].deviations()[f];
          logits[c] -= deviation < 1e-3 ? 0 : apart[f] * apart[f] / 2 + Math.log(deviation);
        }
      }
      return normalized(logits);
    };
  }

  /**
   * A decision tree (Gini) on a bootstrap sample; each node looks at so many features and tries 16
   * thresholds for each.
   */
  static SmallModel tree(Table table, int depth, int features, SplittableRandom random) {
    int[] sample = random.ints(table.rows().length, 0, table.rows().length).toArray();
    return Node.grow(table, sample, depth, features, random)::scores;
  }

  /** A node of a tree; a leaf has no children and the shares of the classes. */
  record Node(int feature, double threshold, Node[] children, double[] shares) {
    static Node grow(Table table, int[] of, int depth, int features, SplittableRandom random) {
      double[] shares = shares(table, of);
      Node leaf = new Node(0, 0, new Node[0], shares);
      if (depth == 0 || of.length < 4 || Arrays.stream(shares).max().orElse(1) == 1) {
        return leaf;
      }
      int bestFeature = -1;
      double bestThreshold = 0;
      double best = gini(shares) * of.length - 1e-9;
      int[] tried = random.ints(0, table.rows()[0].length).distinct().limit(features).toArray();
      for (int feature : tried) {
        for (int i = 0; i < 16; i++) {
          double threshold = table.rows()[of[random.nextInt(of.length)]][feature];
          double impurity = impurity(table, of, feature, threshold);
          if (impurity < best) {
            best = impurity;
            bestFeature = feature;
            bestThreshold = threshold;
          }
        }
      }
      if (bestFeature < 0) {
        return leaf;
      }
      int feature = bestFeature;
      double threshold = bestThreshold;
      int[] low = Arrays.stream(of).filter(i -> table.rows()[i][feature] <= threshold).toArray();
      int[] high = Arrays.stream(of).filter(i -> table.rows()[i][feature] > threshold).toArray();
      Node[] children = {
        grow(table, low, depth - 1, features, random),
        grow(table, high, depth - 1, features, random)
      };
      return new Node(feature, threshold, children, shares);
    }

    private static double impurity(Table table, int[] of, int feature, double threshold) {
      double[] low = new double[table.classes()];
      double[] high = new double[table.classes()];
      for (int i : of) {
        (table.rows()[i][feature] <= threshold ? low : high)[table.labels()[i]]++;
      }
      return weighted(low) + weighted(high);
    }

    private static double weighted(double[] counts) {
      double sum = Arrays.stream(counts).sum();
      return sum == 0 ? 0 : sum * gini(Arrays.stream(counts).map(c -> c / sum).toArray());
    }

    private static double gini(double[] shares) {
      return 1 - Arrays.stream(shares).map(s -> s * s).sum();
    }

    private static double[] shares(Table table, int[] of) {
      double[] shares = new double[table.classes()];
      for (int i : of) {
        shares[table.labels()[i]] += 1.0 / of.length;
      }
      return shares;
    }

    double[] scores(double[] row) {
      Node at = this;
      while (at.children.length > 0) {
        at = at.children[row[at.feature] <= at.threshold ? 0 : 1];
      }
      return at.shares;
    }
  }
}
