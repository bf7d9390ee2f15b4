package io.salver.server.net;

import io.salver.predict.Turn;
import io.salver.tensor.ArenaPool;

/** An event loop as request handlers see it. Everything but {@link #execute} is confined to it. */
public interface LoopContext {
  /** The loop's own arenas; freed when the loop ends. */
  ArenaPool arenas();

  /** What the loop does now, before it waits for its sockets again. */
  Turn turn();

  /** Runs {@code task} on the loop after what it is doing now. By any thread. */
  void execute(Runnable task);

  /** Whether the caller is on the loop. By any thread. */
  boolean inLoop();
}
