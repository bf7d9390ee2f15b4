package io.salver.routing;

import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Asks the routes one after the other, until one is sure of all rows, or none is left: then the
 * last one that answered has answered.
 */
final class CascadeStage implements RouteStage {
  private final double minConfidence;

  CascadeStage(double minConfidence) {
    this.minConfidence = minConfidence;
  }

  @Override
  public void run(PredictRequest request, EndpointLease lease, Reply reply) {
    lease.choose(0, 1);
    REFERENCE.run(request, lease, new Asked(lease, 0, false, reply));
  }

  /** How sure the least sure row is: 1 if there is no output of probabilities. */
  private static double confidence(PredictRequest answered) {
    @Nullable Tensor[] outputs = Legs.outputs(answered);
    for (Tensor output : outputs) {
      if (output != null && Floats.isFloat(output.dtype()) && output.elementCount() > 0) {
        int classes = (int) Labels.rowElements(output);
        int rows = (int) (output.elementCount() / classes);
        double least = 1;
        for (double row : Combiner.confidence(Floats.all(output), rows, classes)) {
          least = Math.min(least, row);
        }
        return least;
      }
    }
    return 1;
  }

  /** Waits for one route's answer. */
  private final class Asked implements Reply {
    private final EndpointLease lease;
    private final int route;
    private final boolean answeredBefore;
    private final Reply reply;

    Asked(EndpointLease lease, int route, boolean answeredBefore, Reply reply) {
      this.lease = lease;
      this.route = route;
      this.answeredBefore = answeredBefore;
      this.reply = reply;
    }

    @Override
    public void succeeded(PredictRequest answered) {
      boolean sure = isLast() || confidence(answered) >= minConfidence;
      if (sure || Legs.isOver(answered)) {
        reply.succeeded(answered);
      } else {
        next(answered, true, null);
      }
    }

    @Override
    public void failed(PredictRequest failed, ServingException failure) {
      boolean givenUp = failure.category() == Category.CANCELLED;
      if (isLast() || givenUp || Legs.isOver(failed)) {
        end(failed, answeredBefore, failure);
      } else {
        lease.active().counters(route).failed();
        next(failed, answeredBefore, failure);
      }
    }

    private boolean isLast() {
      return route == lease.active().routes().size() - 1;
    }

    private void next(
        PredictRequest request, boolean answered, @Nullable ServingException failure) {
      ServingException otherwise = failure == null ? Legs.cancelled() : failure;
      Legs.goOn(
          request,
          () -> Legs.run(request, lease, route + 1, new Asked(lease, route + 1, answered, reply)),
          () -> end(request, answered, otherwise));
    }

    private void end(PredictRequest request, boolean answered, ServingException failure) {
      if (answered) {
        reply.succeeded(request);
      } else {
        reply.failed(request, failure);
      }
    }
  }
}
