package io.salver.engine.pmml;

/**
 * A tree in flat arrays, breadth-first: the children of node {@code i} are those from {@code
 * first[i]} to before {@code first[i + 1]}. A row goes to the first child whose predicate is true.
 */
final class Tree implements Scorer {
  /** What is done where a predicate is neither true nor false, as a value is missing. */
  enum Missing {
    /** It is taken to be false. */
    NONE,
    /** The node that was reached answers. */
    LAST_PREDICTION,
    /** There is no answer. */
    NULL_PREDICTION,
    /** The row goes to the child that the node names. */
    DEFAULT_CHILD
  }

  private static final int NOWHERE = -1;
  private static final int STAY = -2;

  private final Predicates predicates;
  private final int[] first;
  private final int[] test;
  private final int[] fallback;
  private final double[] score;
  private final double[] entity;
  private final double[] probabilities;
  private final Missing missing;
  private final boolean isLastKept;
  private final Result result;

  /**
   * A tree.
   *
   * @param test by node: its predicate
   * @param fallback by node: the child for missing values, or -1
   * @param score by node: its value
   * @param entity by node: its name
   * @param probabilities {@code [nodes, categories]}
   * @param isLastKept whether a node of whose children none is true answers itself
   */
  Tree(
      Predicates predicates,
      int[] first,
      int[] test,
      int[] fallback,
      double[] score,
      double[] entity,
      double[] probabilities,
      Missing missing,
      boolean isLastKept,
      Result result) {
    this.predicates = predicates;
    this.first = first;
    this.test = test;
    this.fallback = fallback;
    this.score = score;
    this.entity = entity;
    this.probabilities = probabilities;
    this.missing = missing;
    this.isLastKept = isLastKept;
    this.result = result;
  }

  @Override
  public void score(Row row) {
    int node = leaf(row);
    if (node < 0) {
      result.clear(row);
      return;
    }
    row.results[result.value()] = score[node];
    row.results[result.entity()] = entity[node];
    row.results[result.affinity()] = Double.NaN;
    int count = result.categories().length;
    System.arraycopy(probabilities, node * count, row.results, result.probabilities(), count);
  }

  /** The node that answers for a row, or -1. */
  private int leaf(Row row) {
    if (predicates.test(test[0], row) != Predicates.TRUE) {
      return NOWHERE;
    }
    int node = 0;
    while (first[node] < first[node + 1]) {
      int next = next(node, row);
      if (next < 0) {
        return next == STAY ? node : NOWHERE;
      }
      node = next;
    }
    return node;
  }

  private int next(int node, Row row) {
    for (int child = first[node]; child < first[node + 1]; child++) {
      int answer = predicates.test(test[child], row);
      if (answer == Predicates.TRUE) {
        return child;
      }
      if (answer == Predicates.UNKNOWN && missing != Missing.NONE) {
        return switch (missing) {
          case LAST_PREDICTION -> STAY;
          case DEFAULT_CHILD -> fallback[node];
          case NULL_PREDICTION, NONE -> NOWHERE;
        };
      }
    }
    return isLastKept ? STAY : NOWHERE;
  }
}
