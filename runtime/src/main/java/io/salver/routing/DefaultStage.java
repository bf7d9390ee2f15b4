package io.salver.routing;

import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import java.util.Map;

/**
 * Answers with the endpoint's default where the stages behind it fail, unless by the caller's
 * fault.
 */
final class DefaultStage implements RouteStage {
  private final RouteStage next;
  private final Map<String, Object> values;

  DefaultStage(RouteStage next, Map<String, Object> values) {
    this.next = next;
    this.values = values;
  }

  @Override
  public void run(PredictRequest request, EndpointLease lease, Reply reply) {
    next.run(
        request,
        lease,
        new Reply() {
          @Override
          public void succeeded(PredictRequest answered) {
            reply.succeeded(answered);
          }

          @Override
          public void failed(PredictRequest failed, ServingException failure) {
            answer(failed, lease, values, failure, reply);
          }
        });
  }

  /** Answers with the default, or with {@code failure} if the caller is to see that. */
  static void answer(
      PredictRequest request,
      EndpointLease lease,
      Map<String, Object> values,
      ServingException failure,
      Reply reply) {
    if (failure.category().actor() == Category.Actor.CALLER || values.isEmpty()) {
      reply.failed(request, failure);
      return;
    }
    try {
      DefaultAnswer.set(request, values);
    } catch (RuntimeException e) {
      reply.failed(request, Legs.failure(e));
      return;
    }
    lease.answeredByDefault();
    reply.succeeded(request);
  }
}
