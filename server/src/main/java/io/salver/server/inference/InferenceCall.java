package io.salver.server.inference;

import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.metrics.Method;
import io.salver.tensor.TensorArena;

/**
 * What differs between the ways to ask for a prediction: how the request is read and how the answer
 * is written. The methods from {@link #lease} on are called on the loop that owns the connection,
 * in the order of their declaration; {@link Inference} does the rest.
 */
public interface InferenceCall {
  /** What it asks for. */
  Method method();

  /** The model that it names. */
  String model();

  /**
   * Holds the version that the request is for.
   *
   * @throws ServingException if the request does not name one that is there
   */
  ModelLease lease(ServedModels models);

  /**
   * Reads the request's tensors.
   *
   * @throws ServingException if they are not what the signature says
   */
  PredictRequest decode(ModelLease lease, TensorArena arena);

  /** Runs {@code action} on the loop if the caller goes away before the answer. Asked for once. */
  void onCancel(Runnable action);

  /** Whether nobody waits for the answer any more. */
  boolean isCancelled();

  /**
   * Sends a header with the answer. Called right before {@link #answer}; what is answered in a way
   * that has no room for headers leaves it out.
   */
  default void addHeader(String lowerCaseName, String value) {}

  /**
   * Writes the answer and sends it. Sending is the last thing that it does, so that {@link #fail}
   * may be called if this throws.
   */
  void answer(PredictRequest request);

  /** Sends a failure instead of an answer. */
  void fail(ServingException failure);
}
