package io.salver.predict;

import org.jspecify.annotations.Nullable;

/**
 * Sees each finished prediction after it was answered.
 *
 * <p>Called by the thread that encoded the answer, so it must be quick and must not block: count,
 * or copy what is needed into a bounded queue of its own and drop when that is full.
 */
@FunctionalInterface
public interface Observer {
  /**
   * A prediction is over.
   *
   * @param request valid, with its tensors, only during the call
   * @param failure null if it was answered
   */
  void finished(PredictRequest request, @Nullable ServingException failure);

  /**
   * A request for a prediction was refused before it got hold of a version: it names none that is
   * there, or could not be read that far.
   *
   * @param receivedNs when its last byte was read, as {@link System#nanoTime()}
   */
  default void refused(long receivedNs, ServingException failure) {}
}
