package io.salver.batching;

import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Refuses what cannot be served: a request whose deadline has passed, and any request beyond the
 * limits, at once and with the state in the message, so that work in progress stays bounded.
 */
final class AdmissionPredictor implements Predictor {
  private final Predictor next;
  private final AdmissionLimits limits;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong tensorBytes = new AtomicLong();

  AdmissionPredictor(Predictor next, AdmissionLimits limits) {
    this.next = next;
    this.limits = limits;
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
    long bytes = request.arena().usedBytes();
    int nowRequests = requests.incrementAndGet();
    long nowBytes = tensorBytes.addAndGet(bytes);
    Reply counted = new Counted(reply, bytes);
    if (nowRequests > limits.maxRequests() || nowBytes > limits.maxTensorBytes()) {
      counted.failed(request, overload(nowRequests, nowBytes));
    } else {
      next.predict(request, counted);
    }
  }

  private ServingException overload(int nowRequests, long nowBytes) {
    return new ServingException(
        Category.RESOURCE_EXHAUSTED,
        "overload: "
            + nowRequests
            + " requests with "
            + nowBytes
            + " bytes in flight (expected: at most "
            + limits.maxRequests()
            + " with "
            + limits.maxTensorBytes()
            + " bytes)");
  }

  /** Gives the request's place back before it passes the answer on. */
  private final class Counted implements Reply {
    private final Reply reply;
    private final long bytes;

    Counted(Reply reply, long bytes) {
      this.reply = reply;
      this.bytes = bytes;
    }

    private void leave() {
      requests.decrementAndGet();
      tensorBytes.addAndGet(-bytes);
    }

    @Override
    public void succeeded(PredictRequest request) {
      leave();
      reply.succeeded(request);
    }

    @Override
    public void failed(PredictRequest request, ServingException failure) {
      leave();
      reply.failed(request, failure);
    }
  }
}
