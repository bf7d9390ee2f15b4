package io.salver.batching;

/**
 * How many rows a batch may have, learnt from what batches took.
 *
 * <p>A value: {@link #ran} answers with the policy that holds from then on and changes nothing.
 */
public sealed interface BatchPolicy permits BatchPolicy.Fixed, AimdPolicy, QuantilePolicy {
  /** The most rows that the next batch may have, at least 1. */
  int maxRows();

  /**
   * A batch of {@code rows} rows ran for {@code runNs} nanoseconds.
   *
   * @return what to go on with; this, if nothing has changed
   */
  BatchPolicy ran(long rows, long runNs);

  /** The same number of rows whatever happens. */
  record Fixed(int maxRows) implements BatchPolicy {
    public Fixed {
      requireRows("max rows", maxRows);
    }

    @Override
    public BatchPolicy ran(long rows, long runNs) {
      return this;
    }
  }

  private static void requireRows(String name, int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException(name + ": " + rows + " (expected: >= 1)");
    }
  }
}
