package io.salver.cli;

import io.salver.cli.config.LimitsConfig;
import io.salver.lifecycle.ServedModels;
import io.salver.routing.EndpointModels;
import io.salver.routing.EndpointParts;
import io.salver.routing.JoinListener;
import io.salver.routing.PredictionIds;
import io.salver.routing.Timers;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.MemoryBudget;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/** Puts endpoints in front of models. */
final class EndpointRouting {
  private static final RandomGenerator RANDOM = () -> ThreadLocalRandom.current().nextLong();

  private EndpointRouting() {}

  /** Models with no endpoints yet; copies of requests share a budget as large as the requests'. */
  static EndpointModels create(
      LimitsConfig limits, ServedModels models, PredictionIds ids, JoinListener joins) {
    ArenaPool copies =
        ArenaPool.shared(
            limits.maxRequestTensorBytes(), new MemoryBudget(limits.maxInFlightBytes()));
    return new EndpointModels(
        new EndpointParts(
            models,
            ids,
            copies,
            Timers.onThread("salver-objectives"),
            RANDOM,
            InstantSource.system(),
            joins));
  }
}
