package io.salver.examples.trees;

import org.jspecify.annotations.Nullable;

/** Tries every threshold of one feature in all leaves of a level at once. */
final class SplitSearch {
  private final Boosting settings;
  private final float[] values;
  private final int feature;
  private final Derivatives derivatives;

  SplitSearch(Boosting settings, float[] values, int feature, Derivatives derivatives) {
    this.settings = settings;
    this.values = values;
    this.feature = feature;
    this.derivatives = derivatives;
  }

  /**
   * Improves {@code best}.
   *
   * @param sorted the rows that have the feature, in the order of its values
   * @param leafOf the node in which each row is
   * @param first the node of the level's first leaf
   * @param all the sums of each leaf's rows
   * @param best the best split of each leaf so far; null: none is worth it
   */
  void search(int[] sorted, int[] leafOf, int first, Split.Sums[] all, @Nullable Split[] best) {
    double[] gradient = new double[all.length];
    double[] hessian = new double[all.length];
    for (int row : sorted) {
      int leaf = leafOf[row] - first;
      if (leaf >= 0) {
        gradient[leaf] += derivatives.gradient(row);
        hessian[leaf] += derivatives.hessian(row);
      }
    }
    Split.Sums[] missing = new Split.Sums[all.length];
    for (int leaf = 0; leaf < all.length; leaf++) {
      missing[leaf] = all[leaf].minus(new Split.Sums(gradient[leaf], hessian[leaf]));
      gradient[leaf] = 0;
      hessian[leaf] = 0;
    }
    float[] last = new float[all.length];
    for (int row : sorted) {
      int leaf = leafOf[row] - first;
      if (leaf < 0) {
        continue;
      }
      if (hessian[leaf] > 0 && values[row] > last[leaf]) {
        Split.Sums left = new Split.Sums(gradient[leaf], hessian[leaf]);
        float threshold = between(last[leaf], values[row]);
        offer(best, leaf, threshold, false, left, all[leaf]);
        Split.Sums more = left.plus(missing[leaf].gradient(), missing[leaf].hessian());
        offer(best, leaf, threshold, true, more, all[leaf]);
      }
      gradient[leaf] += derivatives.gradient(row);
      hessian[leaf] += derivatives.hessian(row);
      last[leaf] = values[row];
    }
  }

  /** Above the lower value and not above the higher. */
  private static float between(float low, float high) {
    float middle = low + (high - low) / 2;
    return middle > low ? middle : high;
  }

  private void offer(
      @Nullable Split[] best,
      int leaf,
      float threshold,
      boolean missingLeft,
      Split.Sums left,
      Split.Sums all) {
    Split.Sums right = all.minus(left);
    if (left.hessian() < settings.minHessian() || right.hessian() < settings.minHessian()) {
      return;
    }
    double gain = settings.score(left) + settings.score(right) - settings.score(all);
    Split known = best[leaf];
    if (gain > (known == null ? 0 : known.gain())) {
      best[leaf] = new Split(feature, threshold, missingLeft, gain, left);
    }
  }
}
