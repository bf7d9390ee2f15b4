package io.salver.routing;

import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.predict.Turn;
import io.salver.tensor.TensorArena;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Answers with the endpoint's default when its objective has passed. The stages behind it get a
 * copy of the request, because they may go on when it has been answered.
 */
final class ObjectiveStage implements RouteStage {
  private final RouteStage next;
  private final long objectiveNs;
  private final Map<String, Object> values;

  ObjectiveStage(RouteStage next, Duration objective, Map<String, Object> values) {
    this.next = next;
    this.objectiveNs = objective.toNanos();
    this.values = values;
  }

  @Override
  public void run(PredictRequest request, EndpointLease lease, Reply reply) {
    TensorArena arena = lease.active().parts().arenas().take();
    EndpointLease twinLease = lease.twin();
    Runnable release =
        () -> {
          arena.close();
          twinLease.close();
        };
    PredictRequest twin;
    try {
      twin = Legs.twin(request, twinLease, arena, request.deadlineNs());
    } catch (RuntimeException e) {
      release.run();
      reply.failed(request, Legs.failure(e));
      return;
    }
    Turn turn = request.turn();
    if (turn != null) {
      twin.setTurn(turn);
    }
    AtomicBoolean answered = new AtomicBoolean();
    Runnable late =
        () -> {
          if (answered.compareAndSet(false, true)) {
            DefaultStage.answer(request, lease, values, missed(), reply);
            twinLease.unwanted();
          }
        };
    Runnable cancelTimer =
        lease.active().parts().timers().at(request.receivedNs() + objectiveNs, late);
    Runnable cancel = twin::cancel;
    if (!request.awaitCancel(cancel)) {
      cancel.run();
    }
    next.run(
        twin,
        twinLease,
        new Reply() {
          @Override
          public void succeeded(PredictRequest done) {
            if (!answered.compareAndSet(false, true)) {
              // Late, and known to be: it counts for its route like any other answer.
              twinLease.finished(done, null);
              release.run();
              return;
            }
            cancelTimer.run();
            boolean unused = request.endAwait(cancel);
            request.setOutputs(Legs.outputs(done));
            request.timesFrom(done);
            lease.adopt(twinLease, release);
            reply.succeeded(request);
          }

          @Override
          public void failed(PredictRequest done, ServingException failure) {
            boolean first = answered.compareAndSet(false, true);
            twinLease.finished(done, failure);
            release.run();
            if (first) {
              cancelTimer.run();
              boolean unused = request.endAwait(cancel);
              DefaultStage.answer(request, lease, values, failure, reply);
            }
          }
        });
  }

  private ServingException missed() {
    return new ServingException(
        Category.DEADLINE_EXCEEDED,
        "objective: not answered within " + objectiveNs / 1_000 + " us");
  }
}
