package io.salver.routing;

import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;

/** How an endpoint has a request answered, once it is read. Thread-safe; as a predictor. */
@FunctionalInterface
interface RouteStage {
  /** Sees that {@code reply} gets the answer to {@code request}, which {@code lease} is held by. */
  void run(PredictRequest request, EndpointLease lease, Reply reply);

  /** The route that was chosen answers, after the request was read by the first one's signature. */
  RouteStage CHOSEN =
      (request, lease, reply) -> {
        if (lease.route() == 0) {
          RouteStage.REFERENCE.run(request, lease, reply);
        } else {
          Legs.run(request, lease, lease.route(), reply);
        }
      };

  /** The version by whose signature it was read answers. */
  RouteStage REFERENCE =
      (request, lease, reply) -> lease.reference().lease().predictor().predict(request, reply);
}
