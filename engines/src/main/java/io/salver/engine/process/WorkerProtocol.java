package io.salver.engine.process;

import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;

/** How to talk to workers. Thread-safe. */
public interface WorkerProtocol extends AutoCloseable {
  /**
   * Gets ready for a worker that will be started next.
   *
   * @throws IOException if the socket cannot be made
   */
  Expected expect(WorkerPlace place) throws IOException;

  /** Gives up what connections share; there are none any more. */
  @Override
  default void close() {}

  /** A worker that was or will be started. */
  interface Expected extends AutoCloseable {
    /**
     * Waits until it can be talked to.
     *
     * @param untilNs when to give up, as {@link System#nanoTime()}
     * @param alive whether its process is still there
     * @return as many connections as were asked for
     * @throws BrokenWorkerException if it is not to be had
     */
    List<WorkerConnection> connect(long untilNs, BooleanSupplier alive)
        throws BrokenWorkerException;

    @Override
    void close();
  }
}
