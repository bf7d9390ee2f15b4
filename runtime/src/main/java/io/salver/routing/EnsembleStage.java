package io.salver.routing;

import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.tensor.TensorArena;
import java.time.Duration;
import java.util.Map;

/**
 * Asks all members at once, each with memory of its own, and makes one answer of theirs: when all
 * have come, or at an objective of those that have by then.
 */
final class EnsembleStage implements RouteStage {
  private final Policy.Ensemble policy;
  private final long objectiveNs;
  private final Map<String, Object> defaults;

  /** A stage; an objective of zero waits for everybody. */
  EnsembleStage(Policy.Ensemble policy, Duration objective, Map<String, Object> defaults) {
    this.policy = policy;
    this.objectiveNs = objective.toNanos();
    this.defaults = defaults;
  }

  Policy.Ensemble policy() {
    return policy;
  }

  /** As {@link System#nanoTime()}; {@link Long#MAX_VALUE} for never. */
  long objectiveNs(PredictRequest request) {
    return objectiveNs == 0 ? Long.MAX_VALUE : request.receivedNs() + objectiveNs;
  }

  Map<String, Object> defaults() {
    return defaults;
  }

  @Override
  public void run(PredictRequest request, EndpointLease lease, Reply reply) {
    // Whoever read the request: all were to answer it.
    lease.choose(0, 1);
    TensorArena memory = lease.active().parts().arenas().take();
    EnsembleRun run;
    try {
      run =
          new EnsembleRun(
              this, request, lease, reply, memory, TensorCopies.of(request.inputs(), memory));
    } catch (RuntimeException e) {
      memory.close();
      ServingException failure = Legs.failure(e);
      reply.failed(request, failure);
      return;
    }
    run.start();
  }
}
