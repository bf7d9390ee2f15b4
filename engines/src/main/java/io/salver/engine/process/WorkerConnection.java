package io.salver.engine.process;

import io.salver.engine.Batch;
import io.salver.predict.ServingException;

/**
 * A way to have one run at a time computed by a worker. Used by one thread at a time; {@link
 * #close} may be called by any, and breaks off what is under way.
 */
public interface WorkerConnection extends AutoCloseable {
  /** What the worker said of its model when it was connected. */
  WorkerDescription description();

  /**
   * Has the worker compute the outputs of {@code batch} that are wanted.
   *
   * @param signature the position of the batch's signature in the description; -1 if it is another
   *     one, made of the same tensors
   * @param untilNs when to give up, as {@link System#nanoTime()}
   * @throws ServingException if the worker refused the inputs, or failed and can go on
   * @throws BrokenWorkerException if it cannot
   */
  void run(Batch batch, int signature, long untilNs) throws BrokenWorkerException;

  /**
   * Asks whether the worker is still there.
   *
   * @param untilNs when to give up, as {@link System#nanoTime()}
   * @throws BrokenWorkerException if it is not
   */
  void ping(long untilNs) throws BrokenWorkerException;

  @Override
  void close();
}
