package io.salver.batching;

import java.time.Duration;
import java.util.List;

/**
 * How the requests of one model are put together.
 *
 * @param mode which models are batched
 * @param policy what a version begins with: how many rows a run may have
 * @param maxRequestRows the most rows that one request may have; 0 for any number. A request with
 *     more rows than the policy allows runs alone
 * @param maxExecutionRows with {@code splitLargeRequests}, the most rows of a run: a request with
 *     more is run in parts, and its outputs are put together again; 0 for no limit
 * @param splitLargeRequests whether a request may be run in parts
 * @param timeout how long an idle instance waits for more when there are fewer rows than the policy
 *     allows; zero to take at once what is there
 * @param maxQueuedRows how many rows may wait; 0 for no limit other than the number of requests
 * @param allowedRows run sizes in increasing order: a run is padded to the next of them, by
 *     repeating its last request's first row; empty for any size
 * @param padVariableLength whether requests whose inner dimensions differ are padded with zeros
 *     (and empty strings) to the largest, and run together
 * @param priorityLevels how many priorities there are: a request of priority 1 is run before any of
 *     priority 2; 0 if priorities are not looked at
 * @param defaultPriority what a request without a priority has
 * @param queueTimeout the longest that a request waits to be run; a request may ask for less; zero
 *     for as long as its deadline lets it
 */
public record BatchingOptions(
    Mode mode,
    BatchPolicy policy,
    long maxRequestRows,
    int maxExecutionRows,
    boolean splitLargeRequests,
    Duration timeout,
    long maxQueuedRows,
    List<Integer> allowedRows,
    boolean padVariableLength,
    int priorityLevels,
    int defaultPriority,
    Duration queueTimeout) {

  /** Which models are batched. */
  public enum Mode {
    /** Those whose signatures declare a batch dimension, and which pass a probe of it. */
    AUTO,
    /** Any; the user answers for the rows being independent. */
    ON,
    /** None: each request is a run. */
    OFF
  }

  private static final int DEFAULT_MAX_ROWS = 64;

  /** Batches what can be, up to 64 rows, as soon as an instance is idle. */
  public static final BatchingOptions DEFAULT =
      new BatchingOptions(
          Mode.AUTO,
          new BatchPolicy.Fixed(DEFAULT_MAX_ROWS),
          0,
          0,
          false,
          Duration.ZERO,
          0,
          List.of(),
          false,
          0,
          0,
          Duration.ZERO);

  /** Batches nothing. */
  public static final BatchingOptions OFF = DEFAULT.withMode(Mode.OFF);

  public BatchingOptions {
    allowedRows = List.copyOf(allowedRows);
    requireAtLeast("max request rows", maxRequestRows, 0);
    requireAtLeast("max execution rows", maxExecutionRows, splitLargeRequests ? 1 : 0);
    requireAtLeast("max queued rows", maxQueuedRows, 0);
    requireAtLeast("priority levels", priorityLevels, 0);
    if (timeout.isNegative() || queueTimeout.isNegative()) {
      throw new IllegalArgumentException(
          "timeout: " + timeout + ", queue timeout: " + queueTimeout + " (expected: >= 0 each)");
    }
    if (defaultPriority < 0 || defaultPriority > priorityLevels) {
      throw new IllegalArgumentException(
          "default priority: " + defaultPriority + " (expected: 0 to " + priorityLevels + ")");
    }
    for (int i = 0; i < allowedRows.size(); i++) {
      requireAtLeast("allowed rows", allowedRows.get(i), i == 0 ? 1 : allowedRows.get(i - 1) + 1);
    }
  }

  private static void requireAtLeast(String what, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(what + ": " + value + " (expected: >= " + least + ")");
    }
  }

  /** With this mode instead. */
  public BatchingOptions withMode(Mode mode) {
    return new BatchingOptions(
        mode,
        policy,
        maxRequestRows,
        maxExecutionRows,
        splitLargeRequests,
        timeout,
        maxQueuedRows,
        allowedRows,
        padVariableLength,
        priorityLevels,
        defaultPriority,
        queueTimeout);
  }
}
