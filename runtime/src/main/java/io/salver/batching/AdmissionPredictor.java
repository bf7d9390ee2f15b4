package io.salver.batching;

import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Refuses what cannot be served: a request whose deadline has passed, and any request beyond the
 * limit, at once and with the state in the message, so that work in progress stays bounded.
 */
final class AdmissionPredictor implements Predictor {
  private final Predictor next;
  private final int maxRequests;
  private final AtomicInteger requests = new AtomicInteger();

  AdmissionPredictor(Predictor next, int maxRequests) {
    if (maxRequests < 1) {
      throw new IllegalArgumentException("max requests: " + maxRequests + " (expected: >= 1)");
    }
    this.next = next;
    this.maxRequests = maxRequests;
  }

  /** Requests that were admitted and not yet answered. */
  int inFlightRequests() {
    return requests.get();
  }

  @Override
  public void predict(PredictRequest request, Reply reply) {
    if (request.deadlineNs() != Long.MAX_VALUE && request.deadlineNs() - System.nanoTime() <= 0) {
      reply.failed(
          request,
          new ServingException(
              Category.DEADLINE_EXCEEDED, "deadline: passed before the request was admitted"));
      return;
    }
    int now = requests.incrementAndGet();
    Reply counted = new Counted(reply);
    if (now > maxRequests) {
      counted.failed(request, overload(now));
    } else {
      next.predict(request, counted);
    }
  }

  private ServingException overload(int now) {
    return new ServingException(
        Category.RESOURCE_EXHAUSTED,
        "overload: " + now + " requests in flight (expected: at most " + maxRequests + ")");
  }

  /** Gives the request's place back before it passes the answer on. */
  private final class Counted implements Reply {
    private final Reply reply;

    Counted(Reply reply) {
      this.reply = reply;
    }

    @Override
    public void succeeded(PredictRequest request) {
      requests.decrementAndGet();
      reply.succeeded(request);
    }

    @Override
    public void failed(PredictRequest request, ServingException failure) {
      requests.decrementAndGet();
      reply.failed(request, failure);
    }
  }
}
