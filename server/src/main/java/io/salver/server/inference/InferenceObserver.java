package io.salver.server.inference;

import io.salver.predict.Observer;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.metrics.Method;
import org.jspecify.annotations.Nullable;

/**
 * Is told of each request for a prediction, exactly once, after it was answered. Called by the
 * thread that answered, so it must be quick and must not block.
 */
public interface InferenceObserver {
  /**
   * A request that held a version is over.
   *
   * @param request valid, with its tensors, only during the call; of an unnamed signature without
   *     tensors if it was refused before it was read
   * @param failure null if it was answered
   */
  void finished(Method method, PredictRequest request, @Nullable ServingException failure);

  /**
   * A request was refused before it held a version.
   *
   * @param model the name it gave, which may be of no model; empty if it gave none
   * @param receivedNs when its last byte was read, as {@link System#nanoTime()}
   */
  void refused(Method method, String model, ServingException failure, long receivedNs);

  /** As the other, of {@code call}; this is what is called, once for each. */
  default void finished(
      InferenceCall call, PredictRequest request, @Nullable ServingException failure) {
    finished(call.method(), request, failure);
  }

  /** As the other, of {@code call}; this is what is called, once for each that could be read. */
  default void refused(InferenceCall call, ServingException failure, long receivedNs) {
    refused(call.method(), call.model(), failure, receivedNs);
  }

  /** Tells {@code observer}, which sees neither methods nor what held no version. */
  static InferenceObserver of(Observer observer) {
    return new InferenceObserver() {
      @Override
      public void finished(
          Method method, PredictRequest request, @Nullable ServingException failure) {
        observer.finished(request, failure);
      }

      @Override
      public void refused(Method method, String model, ServingException failure, long receivedNs) {}
    };
  }
}
