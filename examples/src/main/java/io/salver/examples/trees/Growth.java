package io.salver.examples.trees;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Grows one tree, level by level. */
final class Growth {
  private final Boosting settings;
  private final Rows rows;
  private final int[][] sorted;
  private final Derivatives derivatives;
  private final Tree tree = new Tree();
  private final int[] leafOf;

  /**
   * Grows it.
   *
   * @param sorted for each feature the rows that have it, in the order of its values
   */
  Growth(Boosting settings, Rows rows, int[][] sorted, Derivatives derivatives) {
    this.settings = settings;
    this.rows = rows;
    this.sorted = sorted;
    this.derivatives = derivatives;
    this.leafOf = new int[rows.count()];
    Split.Sums all = Split.Sums.ZERO;
    for (int row = 0; row < rows.count(); row++) {
      all = all.plus(derivatives.gradient(row), derivatives.hessian(row));
    }
    Split.Sums[] level = {all};
    tree.addLeaf(Tree.NONE, settings.weight(all), all.hessian());
    for (int depth = 0; depth < settings.depth() && level.length > 0; depth++) {
      level = grow(level);
    }
  }

  Tree tree() {
    return tree;
  }

  /** Adds what the tree says of each of its rows. */
  void addAnswers(double[] margins) {
    for (int row = 0; row < margins.length; row++) {
      margins[row] += tree.nodes().get(leafOf[row]).weight();
    }
  }

  /** Splits the last leaves, where that is worth it; the sums of the new ones. */
  private Split.Sums[] grow(Split.Sums[] sums) {
    int first = tree.nodes().size() - sums.length;
    @Nullable Split[] best = new Split[sums.length];
    for (int feature = 0; feature < sorted.length; feature++) {
      new SplitSearch(settings, rows.features()[feature], feature, derivatives)
          .search(sorted[feature], leafOf, first, sums, best);
    }
    Split.Sums[] next = new Split.Sums[2 * sums.length];
    int count = 0;
    for (int i = 0; i < sums.length; i++) {
      Split split = best[i];
      if (split != null) {
        next[count++] = addLeaf(first + i, split.left());
        next[count++] = addLeaf(first + i, sums[i].minus(split.left()));
        tree.split(first + i, split);
      }
    }
    moveRows();
    return Arrays.copyOf(next, count);
  }

  private Split.Sums addLeaf(int parent, Split.Sums sums) {
    tree.addLeaf(parent, settings.weight(sums), sums.hessian());
    return sums;
  }

  private void moveRows() {
    for (int row = 0; row < leafOf.length; row++) {
      Tree.Node node = tree.nodes().get(leafOf[row]);
      if (!node.isLeaf()) {
        leafOf[row] = Tree.child(node, rows.features()[node.feature()][row]);
      }
    }
  }
}
