package io.salver.examples.trees;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gradient boosting for the probability of an event: each tree is fitted to the first and second
 * derivatives of the log loss of those before it, with every threshold tried, and a direction
 * learnt for missing values. The same rows give the same trees on every machine.
 *
 * @param trees how many
 * @param depth of each, at most
 * @param rate what each tree's answer is multiplied by
 * @param regularisation of the leaves' weights, lambda in the paper
 * @param minHessian of a leaf's rows
 * @see <a href="https://doi.org/10.1145/2939672.2939785">Chen, Guestrin: XGBoost: A Scalable Tree
 *     Boosting System, 2016</a>
 */
public record Boosting(
    int trees, int depth, double rate, double regularisation, double minHessian) {

  /** Grows trees on the rows. Takes a moment. */
  public BoostedTrees fit(Rows rows) {
    float share = (float) rows.share();
    double[] margins = new double[rows.count()];
    Arrays.fill(margins, BoostedTrees.margin(share));
    Derivatives derivatives = new Derivatives(rows.happened());
    int[][] sorted = new int[rows.names().size()][];
    Arrays.setAll(sorted, rows::sorted);
    List<Tree> grown = new ArrayList<>();
    for (int i = 0; i < trees; i++) {
      derivatives.at(margins);
      Growth growth = new Growth(this, rows, sorted, derivatives);
      grown.add(growth.tree());
      growth.addAnswers(margins);
    }
    return new BoostedTrees(rows.names(), share, grown);
  }

  /** The objective of a leaf with such sums, without the constant one half. */
  double score(Split.Sums sums) {
    return sums.gradient() * sums.gradient() / (sums.hessian() + regularisation);
  }

  /** The best weight of a leaf with such sums, times the rate. */
  double weight(Split.Sums sums) {
    return -rate * sums.gradient() / (sums.hessian() + regularisation);
  }
}
