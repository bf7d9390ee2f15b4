package io.salver.cli.config;

import io.salver.batching.BatchingOptions;

/** Reads the keys {@code batching} and {@code cache} of the whole file, or of one model. */
final class RunYaml {
  private RunYaml() {}

  /**
   * What a section says, over {@code d}.
   *
   * @param owner the section that has the keys
   */
  static RunConfig.OfModel read(Section owner, RunConfig.OfModel d) {
    BatchingConfig batching = batching(owner.section("batching"), d.batching());
    Section cache = owner.section("cache");
    long maxBytes = cache.sizeBytes("max_size", d.cacheBytes());
    cache.end();
    return new RunConfig.OfModel(batching, maxBytes);
  }

  private static BatchingConfig batching(Section s, BatchingConfig d) {
    try {
      BatchingConfig batching =
          new BatchingConfig(
              s.choice("mode", BatchingOptions.Mode.class, d.mode()),
              s.integer("max_batch_size", d.maxBatchSize()),
              s.choice("policy", BatchingConfig.Policy.class, d.policy()),
              s.duration("latency_objective", d.latencyObjective()),
              s.duration("timeout", d.timeout()),
              s.duration("queue_timeout", d.queueTimeout()),
              s.integer("max_enqueued_batches", d.maxEnqueuedBatches()),
              s.integer("max_request_rows", d.maxRequestRows()),
              s.integers("allowed_batch_sizes", d.allowedBatchSizes()),
              s.bool("pad_variable_length_inputs", d.padVariableLengthInputs()),
              s.bool("split_large", d.splitLarge()),
              s.integer("priority_levels", d.priorityLevels()),
              s.integer("default_priority", d.defaultPriority()),
              s.integer("instances", d.instances()),
              s.bool("adaptive_limit", d.adaptiveLimit()),
              s.integer("min_in_flight", d.minInFlight()));
      s.end();
      return batching;
    } catch (ConfigException e) {
      throw s.placed(e);
    }
  }
}
