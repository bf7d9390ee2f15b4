package io.salver.server.triton;

import io.salver.batching.BatchPolicy;
import io.salver.batching.BatchingOptions;
import io.salver.batching.RunnerConfig;
import io.salver.server.oip.proto.ModelConfig;
import io.salver.server.oip.proto.ModelDynamicBatching;
import io.salver.server.oip.proto.ModelInstanceGroup;
import io.salver.server.oip.proto.ModelQueuePolicy;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * How a configuration has its model's requests run.
 *
 * <p>Requests are put together only where {@code dynamic_batching} says so, as in Triton. A run has
 * at most the largest preferred size, for which it waits as long as it may.
 */
final class Running {
  private static final long LONGEST_US = Duration.ofDays(10_000).toMillis() * 1_000;

  private Running() {}

  /** The configuration over what the server has for all models. */
  static RunnerConfig of(ModelConfig config, RunnerConfig base) {
    ModelQueuePolicy queue = config.getDynamicBatching().getDefaultQueuePolicy();
    return new RunnerConfig(
        config.getInstanceGroupCount() == 0 ? base.instances() : instances(config),
        queue.getMaxQueueSize() == 0 ? base.maxQueued() : clamp(queue.getMaxQueueSize()),
        base.inlineBound(),
        batching(config),
        base.admission());
  }

  /** A group without a count has one. */
  private static int instances(ModelConfig config) {
    long instances = 0;
    for (ModelInstanceGroup group : config.getInstanceGroupList()) {
      instances += Math.max(1, group.getCount());
    }
    return (int) Math.min(instances, ConfigRules.MAX_INSTANCES);
  }

  /** An unsigned number that is too large for an int is as good as the largest. */
  private static int clamp(int unsigned) {
    return unsigned < 0 ? Integer.MAX_VALUE : unsigned;
  }

  private static BatchingOptions batching(ModelConfig config) {
    ModelDynamicBatching dynamic = config.getDynamicBatching();
    BatchingOptions d = BatchingOptions.DEFAULT;
    return new BatchingOptions(
        config.hasDynamicBatching() ? BatchingOptions.Mode.ON : BatchingOptions.Mode.OFF,
        config.hasDynamicBatching()
            ? new BatchPolicy.Fixed(largestRun(dynamic, config.getMaxBatchSize()))
            : d.policy(),
        config.getMaxBatchSize(),
        d.maxExecutionRows(),
        d.splitLargeRequests(),
        micros(dynamic.getMaxQueueDelayMicroseconds()),
        d.maxQueuedRows(),
        d.allowedRows(),
        d.padVariableLength(),
        (int) dynamic.getPriorityLevels(),
        (int) dynamic.getDefaultPriorityLevel(),
        micros(dynamic.getDefaultQueuePolicy().getDefaultTimeoutMicroseconds()));
  }

  private static int largestRun(ModelDynamicBatching dynamic, int maxBatchSize) {
    return dynamic.getPreferredBatchSizeList().stream()
        .mapToInt(Integer::intValue)
        .max()
        .orElse(maxBatchSize);
  }

  private static Duration micros(long unsigned) {
    boolean longer = Long.compareUnsigned(unsigned, LONGEST_US) > 0;
    return Duration.of(longer ? LONGEST_US : unsigned, ChronoUnit.MICROS);
  }
}
