package io.salver.predict;

/**
 * A stage of the data plane, wrapped around the next.
 *
 * <p>Thread-safe. {@link #predict} never blocks (but for a model that is run inline) and never
 * throws: whatever happens is said to the reply. A stage never changes control state: it cannot
 * load, configure or create.
 */
@FunctionalInterface
public interface Predictor {
  /** Sees that {@code reply} gets the answer to {@code request}, perhaps before this returns. */
  void predict(PredictRequest request, Reply reply);
}
