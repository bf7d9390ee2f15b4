package io.salver.cli.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How versions come and go.
 *
 * @param modelConfigFile a ModelServerConfig in text form, in place of {@link SalverConfig#models}
 * @param modelConfigPoll how often that file is read again; zero for never
 * @param poll how often model directories are looked at; zero for once, negative for never
 * @param quietPeriod for how long a version's files must not have changed before they are loaded
 * @param loadThreads versions that are loaded side by side
 * @param unloadThreads versions that are unloaded side by side
 * @param maxLoadRetries how often a load that failed is tried again
 * @param loadRetryInterval the pause before it is
 * @param resourcePreserving whether an old version goes before its successor comes, which saves
 *     memory at the price of a gap
 * @param labelsForUnavailable whether a new label may name a version that is not available
 * @param warmup whether versions are warmed before they answer
 * @param warmupIterations how often each recorded warm-up request is run
 * @param memoryBudgetBytes the most that loaded models may take by their engines' bounds; 0 for no
 *     budget
 * @param drainLimit how long a stop waits for requests that were accepted
 * @param onDemand how models are treated that are loaded when they are asked for
 */
public record LifecycleConfig(
    Optional<Path> modelConfigFile,
    Duration modelConfigPoll,
    Duration poll,
    Duration quietPeriod,
    int loadThreads,
    int unloadThreads,
    int maxLoadRetries,
    Duration loadRetryInterval,
    boolean resourcePreserving,
    boolean labelsForUnavailable,
    boolean warmup,
    int warmupIterations,
    long memoryBudgetBytes,
    Duration drainLimit,
    OnDemandConfig onDemand) {
  /** The longest time that may be set: the nanoseconds of twice as much fit a long. */
  static final Duration LONGEST = Duration.ofDays(36_500);

  /** As TF Serving has it, with two threads that load and one that unloads. */
  public static final LifecycleConfig DEFAULT =
      new LifecycleConfig(
          Optional.empty(),
          Duration.ZERO,
          Duration.ofSeconds(1),
          Duration.ofSeconds(2),
          2,
          1,
          5,
          Duration.ofMinutes(1),
          false,
          false,
          true,
          1,
          0,
          Duration.ofSeconds(30),
          OnDemandConfig.DEFAULT);

  public LifecycleConfig {
    checkTime("quiet_period", quietPeriod);
    checkTime("load_retry_interval", loadRetryInterval);
    checkTime("drain_limit", drainLimit);
    if (loadThreads < 1 || unloadThreads < 1) {
      throw new ConfigException(
          "threads: " + loadThreads + " load, " + unloadThreads + " unload (expected: >= 1 each)");
    }
    if (maxLoadRetries < 0) {
      throw new ConfigException("max_load_retries: " + maxLoadRetries + " (expected: >= 0)");
    }
    if (warmupIterations < 1) {
      throw new ConfigException("warmup_iterations: " + warmupIterations + " (expected: >= 1)");
    }
  }

  private static void checkTime(String name, Duration value) {
    if (value.isNegative() || value.compareTo(LONGEST) > 0) {
      throw new ConfigException(
          name + ": " + value + " (expected: 0 to " + LONGEST.toHours() + "h)");
    }
  }
}
