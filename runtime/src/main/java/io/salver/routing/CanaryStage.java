package io.salver.routing;

import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;

/**
 * Has a canary answer the requests that were chosen for it, and the baseline all that the canary
 * does not: a caller never sees a failure that the baseline would not have had. Answers of the
 * canary are compared with the baseline's if the policy says so.
 */
final class CanaryStage implements RouteStage {
  private static final int BASELINE = 0;
  private static final int CANARY = 1;

  private final Comparison comparison;
  private final boolean compares;

  CanaryStage(Comparison comparison, boolean compares) {
    this.comparison = comparison;
    this.compares = compares;
  }

  @Override
  public void run(PredictRequest request, EndpointLease lease, Reply reply) {
    if (lease.route() == BASELINE) {
      REFERENCE.run(request, lease, reply);
      return;
    }
    Legs.runIfThere(
        request,
        lease,
        CANARY,
        new Reply() {
          @Override
          public void succeeded(PredictRequest answered) {
            if (compares) {
              comparison.start(answered, lease, BASELINE, CANARY);
            }
            reply.succeeded(answered);
          }

          @Override
          public void failed(PredictRequest failed, ServingException failure) {
            if (Legs.isOver(failed)) {
              reply.failed(failed, failure);
              return;
            }
            lease.active().counters(CANARY).failed();
            lease.fallBack(BASELINE);
            Legs.goOn(
                failed,
                () -> REFERENCE.run(failed, lease, reply),
                () -> reply.failed(failed, failure));
          }
        });
  }
}
