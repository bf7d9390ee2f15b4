package io.salver.server.inference;

import io.netty.util.AsciiString;
import io.salver.lifecycle.LeaseWaiter;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.metrics.Method;
import io.salver.server.net.Transfer;
import io.salver.tensor.TensorArena;
import org.jspecify.annotations.Nullable;

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

  /** When an answer is of no use any more, as {@link System#nanoTime()}. */
  long deadlineNs();

  /** Who asks, and how much went over the wire. Also when it has been answered. */
  default Transfer transfer() {
    return Transfer.UNKNOWN;
  }

  /**
   * Holds the version that the request is for.
   *
   * @return null if {@code waiter} is told instead when it has been loaded
   * @throws ServingException if the request does not name one that is there
   */
  @Nullable ModelLease lease(ServedModels models, LeaseWaiter waiter);

  /**
   * Keeps what was read of the request beyond the call in which it was read, because the version is
   * still to be loaded.
   *
   * @param arena lives until the answer
   */
  void keep(TensorArena arena);

  /**
   * Reads the request's tensors.
   *
   * @throws ServingException if they are not what the signature says
   */
  PredictRequest decode(ModelLease lease, TensorArena arena);

  /**
   * Runs {@code action} on the loop if the caller goes away before the answer; takes the place of
   * what was asked for before.
   */
  void onCancel(Runnable action);

  /** Whether nobody waits for the answer any more. */
  boolean isCancelled();

  /**
   * Sends a header with the answer. Called right before {@link #answer}; what is answered in a way
   * that has no room for headers leaves it out.
   */
  default void addHeader(AsciiString lowerCaseName, AsciiString value) {}

  /**
   * Writes the answer and sends it. Sending is the last thing that it does, so that {@link #fail}
   * may be called if this throws.
   */
  void answer(PredictRequest request);

  /** Sends a failure instead of an answer. */
  void fail(ServingException failure);
}
