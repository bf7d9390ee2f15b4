package io.salver.batching;

import java.util.List;

/** How many rows runs have by the options. Immutable. */
final class RunSizes {
  private final int[] allowed;
  private final long maxExecutionRows;
  private final boolean splits;

  RunSizes(BatchingOptions options) {
    List<Integer> sizes = options.allowedRows();
    this.allowed = sizes.stream().mapToInt(Integer::intValue).toArray();
    this.maxExecutionRows =
        options.maxExecutionRows() == 0 ? Long.MAX_VALUE : options.maxExecutionRows();
    this.splits = options.splitLargeRequests();
  }

  /** The most rows that several requests may have together, if the policy allows so many. */
  long limit(long policyRows) {
    long limit = Math.min(policyRows, maxExecutionRows);
    return allowed.length == 0 ? limit : Math.min(limit, allowed[allowed.length - 1]);
  }

  /** What {@code rows} rows are padded to: the next allowed size, if there is one. */
  long padded(long rows) {
    for (int size : allowed) {
      if (size >= rows) {
        return size;
      }
    }
    return rows;
  }

  /** Whether a request with so many rows is run in parts. */
  boolean isSplit(long rows) {
    return splits && rows > maxExecutionRows;
  }

  /** The most rows of a part. */
  long maxPartRows() {
    return maxExecutionRows;
  }
}
