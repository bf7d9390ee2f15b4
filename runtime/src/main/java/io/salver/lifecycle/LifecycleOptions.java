package io.salver.lifecycle;

import io.salver.engine.EngineOptions;
import java.time.Duration;

/**
 * How the manager goes about its work. Change one value with the {@code with} methods.
 *
 * @param swap what a model gives up while it changes versions
 * @param loadThreads how many versions are loaded at the same time, at least 1; until the models of
 *     the start have been loaded it is at least the number of processors
 * @param unloadThreads how many versions are unloaded at the same time, at least 1
 * @param maxLoadRetries how often a load that failed is tried again while its files stay the same
 * @param loadRetryInterval the time between two tries
 * @param quietPeriod how long nobody must have written to a version's files before it is loaded
 * @param inspectionInterval the time between two looks at files that are waited for
 * @param memoryBudgetBytes the most that loaded versions may take together, as their engines
 *     declare it; {@link Long#MAX_VALUE} for no limit
 * @param allowLabelsForUnavailable whether new labels may name versions that are not available
 * @param engine how models are loaded
 * @param onDemand how models that are loaded on demand are treated
 */
public record LifecycleOptions(
    SwapPolicy swap,
    int loadThreads,
    int unloadThreads,
    int maxLoadRetries,
    Duration loadRetryInterval,
    Duration quietPeriod,
    Duration inspectionInterval,
    long memoryBudgetBytes,
    boolean allowLabelsForUnavailable,
    EngineOptions engine,
    OnDemandOptions onDemand) {
  /** As TF Serving does, where it has the option. */
  public static final LifecycleOptions DEFAULT =
      new LifecycleOptions(
          SwapPolicy.AVAILABILITY_PRESERVING,
          2,
          1,
          5,
          Duration.ofSeconds(60),
          Duration.ofSeconds(2),
          Duration.ofSeconds(1),
          Long.MAX_VALUE,
          false,
          EngineOptions.DEFAULT,
          OnDemandOptions.DEFAULT);

  public LifecycleOptions {
    require("load threads", loadThreads, 1);
    require("unload threads", unloadThreads, 1);
    require("max_num_load_retries", maxLoadRetries, 0);
    require("load retry interval, in ms", loadRetryInterval.toMillis(), 0);
    require("quiet period, in ms", quietPeriod.toMillis(), 0);
    require("inspection interval, in ms", inspectionInterval.toMillis(), 1);
    require("memory budget, in bytes", memoryBudgetBytes, 1);
  }

  private static void require(String what, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(what + ": " + value + " (expected: >= " + least + ")");
    }
  }

  /** With another swap policy. */
  public LifecycleOptions withSwap(SwapPolicy policy) {
    return new LifecycleOptions(
        policy,
        loadThreads,
        unloadThreads,
        maxLoadRetries,
        loadRetryInterval,
        quietPeriod,
        inspectionInterval,
        memoryBudgetBytes,
        allowLabelsForUnavailable,
        engine,
        onDemand);
  }

  /** With other numbers of threads. */
  public LifecycleOptions withThreads(int loading, int unloading) {
    return new LifecycleOptions(
        swap,
        loading,
        unloading,
        maxLoadRetries,
        loadRetryInterval,
        quietPeriod,
        inspectionInterval,
        memoryBudgetBytes,
        allowLabelsForUnavailable,
        engine,
        onDemand);
  }

  /** With other tries after a failed load. */
  public LifecycleOptions withRetries(int max, Duration interval) {
    return new LifecycleOptions(
        swap,
        loadThreads,
        unloadThreads,
        max,
        interval,
        quietPeriod,
        inspectionInterval,
        memoryBudgetBytes,
        allowLabelsForUnavailable,
        engine,
        onDemand);
  }

  /** With another memory budget. */
  public LifecycleOptions withMemoryBudgetBytes(long bytes) {
    return new LifecycleOptions(
        swap,
        loadThreads,
        unloadThreads,
        maxLoadRetries,
        loadRetryInterval,
        quietPeriod,
        inspectionInterval,
        bytes,
        allowLabelsForUnavailable,
        engine,
        onDemand);
  }

  /** With or without labels for versions that are not available. */
  public LifecycleOptions withLabelsForUnavailable(boolean allowed) {
    return new LifecycleOptions(
        swap,
        loadThreads,
        unloadThreads,
        maxLoadRetries,
        loadRetryInterval,
        quietPeriod,
        inspectionInterval,
        memoryBudgetBytes,
        allowed,
        engine,
        onDemand);
  }

  /** With another way to load models. */
  public LifecycleOptions withEngine(EngineOptions options) {
    return new LifecycleOptions(
        swap,
        loadThreads,
        unloadThreads,
        maxLoadRetries,
        loadRetryInterval,
        quietPeriod,
        inspectionInterval,
        memoryBudgetBytes,
        allowLabelsForUnavailable,
        options,
        onDemand);
  }

  /** With another quiet period and time between looks. */
  public LifecycleOptions withFileWatching(Duration quiet, Duration interval) {
    return new LifecycleOptions(
        swap,
        loadThreads,
        unloadThreads,
        maxLoadRetries,
        loadRetryInterval,
        quiet,
        interval,
        memoryBudgetBytes,
        allowLabelsForUnavailable,
        engine,
        onDemand);
  }

  /** With models on demand treated in another way. */
  public LifecycleOptions withOnDemand(OnDemandOptions options) {
    return new LifecycleOptions(
        swap,
        loadThreads,
        unloadThreads,
        maxLoadRetries,
        loadRetryInterval,
        quietPeriod,
        inspectionInterval,
        memoryBudgetBytes,
        allowLabelsForUnavailable,
        engine,
        options);
  }
}
