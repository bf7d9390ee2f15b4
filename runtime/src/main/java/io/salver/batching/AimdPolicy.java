package io.salver.batching;

/**
 * Additive increase, multiplicative decrease: a batch as large as the bound allows that stayed
 * within the objective lets the next one be larger by a fixed step; one that took longer takes a
 * tenth of the bound back.
 *
 * <p>Source: Crankshaw et al., "Clipper: A Low-Latency Online Prediction Serving System", NSDI
 * 2017, section 4.3.1. Different from there, a batch that was smaller than the bound does not raise
 * it: it says nothing of what a full one would take.
 *
 * @param objectiveNs what a run may take, at least 1
 * @param limitRows the bound that is never passed, at least 1
 * @param stepRows by how much the bound grows, at least 1
 * @param maxRows the bound now, 1 to {@code limitRows}
 */
public record AimdPolicy(long objectiveNs, int limitRows, int stepRows, int maxRows)
    implements BatchPolicy {
  private static final double BACKOFF = 0.9;

  public AimdPolicy {
    if (objectiveNs < 1 || stepRows < 1 || maxRows < 1 || limitRows < maxRows) {
      throw new IllegalArgumentException(
          "AIMD: objective "
              + objectiveNs
              + " ns, step "
              + stepRows
              + ", "
              + maxRows
              + " of "
              + limitRows
              + " rows (expected: >= 1 each, and no more rows than the limit)");
    }
  }

  /** One that begins with a single row. */
  public static AimdPolicy starting(long objectiveNs, int limitRows, int stepRows) {
    return new AimdPolicy(objectiveNs, limitRows, stepRows, 1);
  }

  @Override
  public AimdPolicy ran(long rows, long runNs) {
    if (runNs > objectiveNs) {
      return withMaxRows(Math.max(1, (int) (maxRows * BACKOFF)));
    }
    if (rows >= maxRows) {
      return withMaxRows((int) Math.min(limitRows, (long) maxRows + stepRows));
    }
    return this;
  }

  private AimdPolicy withMaxRows(int rows) {
    return rows == maxRows ? this : new AimdPolicy(objectiveNs, limitRows, stepRows, rows);
  }
}
