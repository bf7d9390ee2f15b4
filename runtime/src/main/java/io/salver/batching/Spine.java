package io.salver.batching;

import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.Reply;

/**
 * The stages in their order: admission, then those of the version that the request holds, which are
 * a {@link ModelRunner}'s. Thread-safe.
 */
public final class Spine implements Predictor {
  private final AdmissionPredictor admission;

  /**
   * A spine.
   *
   * @param maxRequests how many requests may be in it at once, at least 1
   */
  public Spine(int maxRequests) {
    this.admission =
        new AdmissionPredictor(
            (request, reply) -> request.lease().predictor().predict(request, reply), maxRequests);
  }

  @Override
  public void predict(PredictRequest request, Reply reply) {
    admission.predict(request, reply);
  }

  /** Requests that were admitted and not yet answered. */
  public int inFlightRequests() {
    return admission.inFlightRequests();
  }
}
