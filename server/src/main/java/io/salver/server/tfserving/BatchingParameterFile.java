package io.salver.server.tfserving;

import com.google.protobuf.TextFormat;
import io.salver.predict.ServingException;
import io.salver.server.tfserving.proto.BatchingParameters;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * What TensorFlow Serving's {@code BatchingParameters} say, with its defaults where they say
 * nothing.
 *
 * @param maxRequestRows the most rows of a request and, unless requests are split, of a run
 * @param maxExecutionRows the most rows of a run
 * @param timeout how long a run waits for more
 * @param maxEnqueuedBatches how many full runs may wait
 * @param threads that run batches; 0 for its user's choice
 * @param allowedSizes sizes to which runs are padded; empty for any
 * @param padVariableLength whether requests of different inner dimensions are padded to the largest
 * @param splitLarge whether requests are run in parts
 */
public record BatchingParameterFile(
    int maxRequestRows,
    int maxExecutionRows,
    Duration timeout,
    int maxEnqueuedBatches,
    int threads,
    List<Integer> allowedSizes,
    boolean padVariableLength,
    boolean splitLarge) {
  /** The name that such a file has in a model's own directory. */
  public static final String NAME_IN_MODEL = "batching_params.pbtxt";

  private static final int DEFAULT_MAX_BATCH_SIZE = 1_000;
  private static final int DEFAULT_MAX_ENQUEUED_BATCHES = 10;

  /** What holds where nothing is said. */
  public static final BatchingParameterFile DEFAULT = of(BatchingParameters.getDefaultInstance());

  public BatchingParameterFile {
    allowedSizes = List.copyOf(allowedSizes);
  }

  /**
   * Reads the text form.
   *
   * @throws ServingException INVALID_ARGUMENT, with the place in the text where it cannot be read,
   *     or with the value and the rule that it breaks
   */
  public static BatchingParameterFile parse(String text) {
    BatchingParameters.Builder parameters = BatchingParameters.newBuilder();
    try {
      TextFormat.merge(text, parameters);
    } catch (TextFormat.ParseException e) {
      throw ServingException.invalid(
          "Error parsing text-format tensorflow.serving.BatchingParameters: " + e.getMessage());
    }
    return of(parameters.build());
  }

  private static BatchingParameterFile of(BatchingParameters p) {
    long maxBatchSize =
        p.hasMaxBatchSize() ? p.getMaxBatchSize().getValue() : DEFAULT_MAX_BATCH_SIZE;
    boolean split = p.getEnableLargeBatchSplitting().getValue();
    long maxExecution =
        p.hasMaxExecutionBatchSize() ? p.getMaxExecutionBatchSize().getValue() : maxBatchSize;
    long enqueued =
        p.hasMaxEnqueuedBatches()
            ? p.getMaxEnqueuedBatches().getValue()
            : DEFAULT_MAX_ENQUEUED_BATCHES;
    List<Integer> sizes =
        p.getAllowedBatchSizesList().stream()
            .map(size -> within("allowed_batch_sizes", size, 1, Integer.MAX_VALUE))
            .toList();
    checkSizes(sizes, split, split ? maxExecution : maxBatchSize);
    int requestRows = within("max_batch_size", maxBatchSize, 1, Integer.MAX_VALUE);
    return new BatchingParameterFile(
        requestRows,
        within("max_execution_batch_size", maxExecution, 1, requestRows),
        timeout(p.getBatchTimeoutMicros().getValue()),
        within("max_enqueued_batches", enqueued, 1, Integer.MAX_VALUE),
        within("num_batch_threads", p.getNumBatchThreads().getValue(), 0, Integer.MAX_VALUE),
        sizes,
        p.getPadVariableLengthInputs(),
        split);
  }

  private static int within(String field, long value, int least, int most) {
    if (value < least || value > most) {
      throw ServingException.invalid(
          field + ": " + value + " (expected: " + least + " to " + most + ")");
    }
    return (int) value;
  }

  private static Duration timeout(long micros) {
    if (micros < 0 || micros > Duration.ofDays(1).toNanos() / 1_000) {
      throw ServingException.invalid(
          "batch_timeout_micros: " + micros + " (expected: 0 to a day's)");
    }
    return Duration.of(micros, ChronoUnit.MICROS);
  }

  private static void checkSizes(List<Integer> sizes, boolean split, long last) {
    for (int i = 1; i < sizes.size(); i++) {
      if (sizes.get(i) <= sizes.get(i - 1)) {
        throw ServingException.invalid(
            "allowed_batch_sizes: " + sizes + " (expected: each larger than the one before)");
      }
    }
    if (!sizes.isEmpty() && sizes.getLast() != last) {
      throw ServingException.invalid(
          "allowed_batch_sizes: "
              + sizes
              + " (expected: the last to be "
              + (split ? "max_execution_batch_size, " : "max_batch_size, ")
              + last
              + ")");
    }
  }
}
