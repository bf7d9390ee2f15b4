package io.salver.batching;

import io.salver.predict.Predictor;

/**
 * The order of the stages. A request enters at {@link #of} and leaves through the stages that its
 * version owns, which a {@link ModelRunner} holds.
 */
public final class Spine {
  private Spine() {}

  /** Admission, then the stages of the version that the request holds. Thread-safe. */
  public static Predictor of(AdmissionLimits limits) {
    return new AdmissionPredictor(
        (request, reply) -> request.lease().predictor().predict(request, reply), limits);
  }
}
