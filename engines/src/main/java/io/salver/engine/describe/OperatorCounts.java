package io.salver.engine.describe;

import java.util.Map;
import java.util.TreeMap;

/** How often each operator is in a graph. Used by one thread. */
public final class OperatorCounts {
  private final Map<String, Integer> counts = new TreeMap<>();

  /** Counts nothing yet. */
  public OperatorCounts() {}

  /** Counts one. */
  public void add(String operator) {
    counts.merge(operator, 1, Integer::sum);
  }

  /** The operators by name, as {@code Add, MatMul x 3}. */
  @Override
  public String toString() {
    StringBuilder names = new StringBuilder();
    counts.forEach((name, count) -> {
      names.append(names.isEmpty() ? "" : ", ").append(name);
      names.append(count == 1 ? "" : " x " + count);
    });
    return names.toString();
  }
}
