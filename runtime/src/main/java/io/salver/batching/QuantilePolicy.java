package io.salver.batching;

import java.util.Arrays;

/**
 * Quantile regression: fits the 99th percentile of a run's time as a linear function of its rows to
 * the last {@value #WINDOW} runs, and allows as many rows as that line keeps within the objective.
 *
 * <p>Source: Crankshaw et al., "Clipper: A Low-Latency Online Prediction Serving System", NSDI
 * 2017, section 4.3.1; the loss is Koenker and Bassett's, "Regression Quantiles", Econometrica
 * 46(1), 1978. The bound at most doubles between two fits, so that a line through small batches is
 * not believed far beyond them.
 */
public final class QuantilePolicy implements BatchPolicy {
  private static final double QUANTILE = 0.99;
  private static final int WINDOW = 128;
  private static final int FIT_EVERY = 8;

  private final long objectiveNs;
  private final int limitRows;
  private final int maxRows;
  private final long runs;
  private final long[] rows;
  private final long[] runNs;

  private QuantilePolicy(
      long objectiveNs, int limitRows, int maxRows, long runs, long[] rows, long[] runNs) {
    this.objectiveNs = objectiveNs;
    this.limitRows = limitRows;
    this.maxRows = maxRows;
    this.runs = runs;
    this.rows = rows;
    this.runNs = runNs;
  }

  /**
   * One that begins with a single row.
   *
   * @param objectiveNs what a run may take, at least 1
   * @param limitRows the bound that is never passed, at least 1
   */
  public static QuantilePolicy starting(long objectiveNs, int limitRows) {
    if (objectiveNs < 1 || limitRows < 1) {
      throw new IllegalArgumentException(
          "quantile: objective "
              + objectiveNs
              + " ns, at most "
              + limitRows
              + " rows (expected: >= 1 each)");
    }
    return new QuantilePolicy(objectiveNs, limitRows, 1, 0, new long[0], new long[0]);
  }

  @Override
  public int maxRows() {
    return maxRows;
  }

  @Override
  public QuantilePolicy ran(long batchRows, long batchNs) {
    if (batchRows < 1) {
      return this;
    }
    int kept = (int) Math.min(runs + 1, WINDOW);
    int place = (int) (runs % WINDOW);
    long[] nextRows = Arrays.copyOf(rows, kept);
    long[] nextNs = Arrays.copyOf(runNs, kept);
    nextRows[place] = batchRows;
    nextNs[place] = batchNs;
    long nextRuns = runs + 1;
    int bound = nextRuns % FIT_EVERY == 0 ? fitted(nextRows, nextNs) : maxRows;
    return new QuantilePolicy(objectiveNs, limitRows, bound, nextRuns, nextRows, nextNs);
  }

  private int fitted(long[] rows, long[] ns) {
    double allowed = QuantileLine.fit(rows, ns, QUANTILE).largestWithin(objectiveNs);
    double bound = Math.min(allowed, Math.min(limitRows, 2.0 * maxRows));
    return (int) Math.max(1, bound);
  }
}
