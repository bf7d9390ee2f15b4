package io.salver.cli.config;

import java.util.Map;

/**
 * How the requests of all models are run.
 *
 * @param defaults of models of which nothing else is said
 * @param byModel of those of which something is, by name
 * @param parametersInModel whether a version's own {@code batching_params.pbtxt} is read
 */
public record RunConfig(OfModel defaults, Map<String, OfModel> byModel, boolean parametersInModel) {
  /** Batching as {@link BatchingConfig#DEFAULT} has it, and no cache. */
  public static final RunConfig DEFAULT =
      new RunConfig(new OfModel(BatchingConfig.DEFAULT, 0), Map.of(), false);

  public RunConfig {
    byModel = Map.copyOf(byModel);
  }

  /**
   * How those of one model are.
   *
   * @param cacheBytes what the prediction cache of each version may take; 0 for none
   */
  public record OfModel(BatchingConfig batching, long cacheBytes) {}

  /** What holds for a model. */
  public OfModel of(String model) {
    return byModel.getOrDefault(model, defaults);
  }
}
