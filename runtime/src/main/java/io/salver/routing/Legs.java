package io.salver.routing;

import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.predict.Turn;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Runs requests on other versions than those by which they were read. Stateless. */
final class Legs {
  private Legs() {}

  /**
   * Has a route answer {@code request}, in the request's own memory; waits if its model is on
   * demand and not in memory. If it does, {@code lease} says so; if not, everything is as before.
   */
  static void run(PredictRequest request, EndpointLease lease, int route, Reply reply) {
    ActiveEndpoint endpoint = lease.active();
    new AwaitedLease(
            request,
            lease,
            version -> run(request, lease, route, version, reply),
            absent -> reply.failed(request, absent))
        .takeUntilCancelled(endpoint.parts().models(), endpoint.routes().get(route));
  }

  /** The same for a route that nobody is to wait for: if its model is not in memory, it fails. */
  static void runIfThere(PredictRequest request, EndpointLease lease, int route, Reply reply) {
    SharedLease version;
    try {
      version = lease.active().lease(route);
    } catch (ServingException e) {
      reply.failed(request, e);
      return;
    }
    run(request, lease, route, version, reply);
  }

  private static void run(
      PredictRequest request, EndpointLease lease, int route, SharedLease version, Reply reply) {
    ActiveEndpoint endpoint = lease.active();
    PredictRequest leg;
    SignatureMap map;
    try {
      map =
          SignatureMap.of(
              request.signature(),
              version.lease().model(),
              endpoint.routes().get(route).toString());
      leg = leg(request, version, map, map.inputs(request.inputs()), request.arena());
    } catch (RuntimeException e) {
      version.close();
      reply.failed(request, failure(e));
      return;
    }
    Turn turn = request.turn();
    if (turn != null) {
      leg.setTurn(turn);
    }
    Runnable cancel = leg::cancel;
    if (!request.awaitCancel(cancel)) {
      version.close();
      reply.failed(request, cancelled());
      return;
    }
    version
        .lease()
        .predictor()
        .predict(
            leg,
            new Reply() {
              @Override
              public void succeeded(PredictRequest answered) {
                boolean unused = request.endAwait(cancel);
                ServingException lacking = setOutputs(request, answered, map);
                if (lacking != null) {
                  version.close();
                  reply.failed(request, lacking);
                  return;
                }
                lease.answeredBy(route, version);
                reply.succeeded(request);
              }

              @Override
              public void failed(PredictRequest refused, ServingException failure) {
                boolean unused = request.endAwait(cancel);
                version.close();
                reply.failed(request, failure);
              }
            });
  }

  /** {@code request} as another version is to see it. */
  static PredictRequest leg(
      PredictRequest request,
      SharedLease version,
      SignatureMap map,
      @Nullable Tensor[] inputs,
      TensorArena arena) {
    return new PredictRequest(
        version.lease(),
        map.to(),
        inputs,
        map.wanted(request.wanted()),
        arena,
        request.receivedNs(),
        request.deadlineNs(),
        request.priority(),
        request.queueTimeoutNs());
  }

  /** A copy of {@code request} that can outlive it, held by {@code lease}. */
  static PredictRequest twin(
      PredictRequest request, EndpointLease lease, TensorArena arena, long deadlineNs) {
    return new PredictRequest(
        lease,
        request.signature(),
        TensorCopies.of(request.inputs(), arena),
        request.wanted(),
        arena,
        request.receivedNs(),
        deadlineNs,
        request.priority(),
        request.queueTimeoutNs());
  }

  private static @Nullable ServingException setOutputs(
      PredictRequest request, PredictRequest answered, SignatureMap map) {
    int count = request.signature().outputs().size();
    @Nullable Tensor[] outputs = new Tensor[count];
    for (int i = 0; i < count; i++) {
      if (request.wants(i)) {
        int at = map.outputs()[i];
        if (at < 0) {
          return new ServingException(
              Category.FAILED_PRECONDITION,
              answered.lease().version()
                  + ": no output \""
                  + request.signature().outputs().get(i).name()
                  + "\" (expected: the same signature as the first route)");
        }
        outputs[i] = answered.output(at);
      }
    }
    request.setOutputs(outputs);
    request.timesFrom(answered);
    return null;
  }

  /** The outputs that were wanted; null for the others. */
  static @Nullable Tensor[] outputs(PredictRequest answered) {
    @Nullable Tensor[] outputs = new Tensor[answered.signature().outputs().size()];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = answered.wants(i) ? answered.output(i) : null;
    }
    return outputs;
  }

  /**
   * Goes on with a request whose answer came on some thread: on the loop that owns its memory, if
   * it is one's.
   *
   * @param next does not throw
   * @param ended run instead if that loop is ending
   */
  static void goOn(PredictRequest request, Runnable next, Runnable ended) {
    Turn turn = request.turn();
    if (turn == null) {
      next.run();
      return;
    }
    try {
      turn.execute(next);
    } catch (RejectedExecutionException e) {
      ended.run();
    }
  }

  static ServingException failure(RuntimeException thrown) {
    return switch (thrown) {
      case ServingException e -> e;
      case MemoryLimitException e -> ServingException.of(e);
      default -> new ServingException(Category.INTERNAL, thrown.toString(), thrown);
    };
  }

  static ServingException cancelled() {
    return new ServingException(Category.CANCELLED, "cancelled: the caller went away");
  }

  /** Whether nobody would get an answer that another route gave now. */
  static boolean isOver(PredictRequest request) {
    return request.isCancelled()
        || (request.deadlineNs() != Long.MAX_VALUE
            && System.nanoTime() - request.deadlineNs() >= 0);
  }
}
