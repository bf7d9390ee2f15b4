package io.salver.cli.config;

import io.salver.batching.AdmissionOptions;
import io.salver.batching.AimdPolicy;
import io.salver.batching.BatchPolicy;
import io.salver.batching.BatchingOptions;
import io.salver.batching.QuantilePolicy;
import io.salver.batching.RunnerConfig;
import io.salver.server.tfserving.BatchingParameterFile;
import java.time.Duration;
import java.util.List;

/**
 * How a model's requests are put together and when they are refused.
 *
 * @param mode which models are batched
 * @param maxBatchSize the most rows of a run
 * @param policy how the rows of a run are found within that
 * @param latencyObjective what an answer may take; zero for no objective
 * @param timeout how long a run waits for more rows
 * @param queueTimeout how long a request may wait; zero for as long as its deadline lets it
 * @param maxEnqueuedBatches how many full runs may wait; 0 for no bound but that of the requests
 * @param maxRequestRows the most rows of a request; 0 for any number
 * @param allowedBatchSizes sizes to which runs are padded; empty for any
 * @param padVariableLengthInputs whether requests of different inner dimensions are run together
 * @param splitLarge whether a request of more rows than a run may have is run in parts
 * @param priorityLevels how many priorities there are; 0 if they are not looked at
 * @param defaultPriority what a request without a priority has; 0 for none
 * @param instances threads that run the model; 0 for as many as {@link EnginesConfig} says
 * @param adaptiveLimit whether requests in flight are limited by what the model keeps up with
 * @param minInFlight as many are always allowed by that limit
 */
public record BatchingConfig(
    BatchingOptions.Mode mode,
    int maxBatchSize,
    Policy policy,
    Duration latencyObjective,
    Duration timeout,
    Duration queueTimeout,
    int maxEnqueuedBatches,
    int maxRequestRows,
    List<Integer> allowedBatchSizes,
    boolean padVariableLengthInputs,
    boolean splitLarge,
    int priorityLevels,
    int defaultPriority,
    int instances,
    boolean adaptiveLimit,
    int minInFlight) {

  /** How the size of a run is found. */
  public enum Policy {
    /** By the latency objective where there is one, as {@link #AIMD} does; otherwise fixed. */
    AUTO,
    /** It is {@code max_batch_size}. */
    FIXED,
    /** Additive increase, multiplicative decrease. */
    AIMD,
    /** Quantile regression. */
    QUANTILE
  }

  /** Batches what can be, up to 64 rows, without waiting. */
  public static final BatchingConfig DEFAULT =
      new BatchingConfig(
          BatchingOptions.Mode.AUTO,
          64,
          Policy.AUTO,
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO,
          0,
          0,
          List.of(),
          false,
          false,
          0,
          0,
          0,
          true,
          128);

  private static final int AIMD_STEPS = 32;

  public BatchingConfig {
    allowedBatchSizes = List.copyOf(allowedBatchSizes);
    requireAtLeast("max_batch_size", maxBatchSize, 1);
    requireAtLeast("max_enqueued_batches", maxEnqueuedBatches, 0);
    requireAtLeast("max_request_rows", maxRequestRows, 0);
    requireAtLeast("priority_levels", priorityLevels, 0);
    requireAtLeast("instances", instances, 0);
    requireAtLeast("min_in_flight", minInFlight, 1);
    requireTime("latency_objective", latencyObjective);
    requireTime("timeout", timeout);
    requireTime("queue_timeout", queueTimeout);
    if (defaultPriority < 0 || defaultPriority > priorityLevels) {
      throw new ConfigException(
          "default_priority: " + defaultPriority + " (expected: 0 to priority_levels)");
    }
    if (latencyObjective.isZero() && (policy == Policy.AIMD || policy == Policy.QUANTILE)) {
      throw new ConfigException(
          "policy: " + policy + " without latency_objective (expected: both, or fixed)");
    }
    checkSizes(allowedBatchSizes, maxBatchSize);
  }

  private static void checkSizes(List<Integer> sizes, int maxBatchSize) {
    for (int i = 0; i < sizes.size(); i++) {
      if (sizes.get(i) <= (i == 0 ? 0 : sizes.get(i - 1))) {
        throw new ConfigException(
            "allowed_batch_sizes: " + sizes + " (expected: >= 1, each larger than the one before)");
      }
    }
    if (!sizes.isEmpty() && sizes.getLast() != maxBatchSize) {
      throw new ConfigException(
          "allowed_batch_sizes: "
              + sizes
              + " (expected: the last to be the most rows of a run, "
              + maxBatchSize
              + ")");
    }
  }

  private static void requireAtLeast(String key, int value, int least) {
    if (value < least) {
      throw new ConfigException(key + ": " + value + " (expected: >= " + least + ")");
    }
  }

  private static void requireTime(String key, Duration value) {
    if (value.isNegative()) {
      throw new ConfigException(key + ": " + value + " (expected: >= 0)");
    }
  }

  /** How requests are put together. */
  public BatchingOptions batchingOptions() {
    return new BatchingOptions(
        mode,
        batchPolicy(),
        maxRequestRows,
        splitLarge ? maxBatchSize : 0,
        splitLarge,
        timeout,
        (long) maxEnqueuedBatches * maxBatchSize,
        allowedBatchSizes,
        padVariableLengthInputs,
        priorityLevels,
        defaultPriority,
        queueTimeout);
  }

  /** A request may come when a run has just begun, so a run may take half of the objective. */
  private BatchPolicy batchPolicy() {
    long runNs = Math.max(1, latencyObjective.toNanos() / 2);
    return switch (policy) {
      case AUTO -> latencyObjective.isZero() ? new BatchPolicy.Fixed(maxBatchSize) : aimd(runNs);
      case FIXED -> new BatchPolicy.Fixed(maxBatchSize);
      case AIMD -> aimd(runNs);
      case QUANTILE -> QuantilePolicy.starting(runNs, maxBatchSize);
    };
  }

  private BatchPolicy aimd(long runNs) {
    return AimdPolicy.starting(runNs, maxBatchSize, Math.max(1, maxBatchSize / AIMD_STEPS));
  }

  /** When requests are refused. */
  public AdmissionOptions admissionOptions() {
    return new AdmissionOptions(latencyObjective, adaptiveLimit, minInFlight);
  }

  /** With this mode instead. */
  public BatchingConfig withMode(BatchingOptions.Mode other) {
    return new BatchingConfig(
        other,
        maxBatchSize,
        policy,
        latencyObjective,
        timeout,
        queueTimeout,
        maxEnqueuedBatches,
        maxRequestRows,
        allowedBatchSizes,
        padVariableLengthInputs,
        splitLarge,
        priorityLevels,
        defaultPriority,
        instances,
        adaptiveLimit,
        minInFlight);
  }

  /** With TensorFlow Serving's parameters where they say something. */
  public BatchingConfig with(BatchingParameterFile parameters) {
    int runRows =
        parameters.splitLarge() ? parameters.maxExecutionRows() : parameters.maxRequestRows();
    return new BatchingConfig(
        mode,
        runRows,
        policy,
        latencyObjective,
        parameters.timeout(),
        queueTimeout,
        parameters.maxEnqueuedBatches(),
        parameters.maxRequestRows(),
        parameters.allowedSizes(),
        parameters.padVariableLength(),
        parameters.splitLarge(),
        priorityLevels,
        defaultPriority,
        parameters.threads() == 0 ? instances : parameters.threads(),
        adaptiveLimit,
        minInFlight);
  }

  /** The threads that run a model: what this says, or else the engines' configuration. */
  public int runners(EnginesConfig engines) {
    int said = instances == 0 ? engines.instances() : instances;
    return said == 0 ? RunnerConfig.DEFAULT.instances() : said;
  }
}
