package io.salver.routing;

import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;

/** Has the first route answer, and then gives copies of a share of the requests to the others. */
final class ShadowStage implements RouteStage {
  private final Comparison comparison;
  private final double share;

  /** A stage that copies this share of the requests, 0 to 1. */
  ShadowStage(Comparison comparison, double share) {
    this.comparison = comparison;
    this.share = share;
  }

  @Override
  public void run(PredictRequest request, EndpointLease lease, Reply reply) {
    ActiveEndpoint endpoint = lease.active();
    boolean copied = share >= 1 || endpoint.parts().random().nextDouble() < share;
    if (!copied) {
      REFERENCE.run(request, lease, reply);
      return;
    }
    REFERENCE.run(
        request,
        lease,
        new Reply() {
          @Override
          public void succeeded(PredictRequest answered) {
            for (int route = 1; route < endpoint.routes().size(); route++) {
              comparison.start(answered, lease, route, route);
            }
            reply.succeeded(answered);
          }

          @Override
          public void failed(PredictRequest failed, ServingException failure) {
            reply.failed(failed, failure);
          }
        });
  }
}
