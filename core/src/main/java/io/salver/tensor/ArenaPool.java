package io.salver.tensor;

import java.util.ArrayDeque;

/**
 * Arenas kept for reuse. Confined to one thread, as an event loop: {@link #take()}, {@link
 * TensorArena#close()} and {@link #close()} are called by that thread alone.
 */
public final class ArenaPool implements AutoCloseable {
  private static final long INITIAL_BYTES = 16 << 10;
  private static final long MAX_KEPT_BYTES = 4 << 20;
  private static final int MAX_IDLE = 64;

  private final long requestLimitBytes;
  private final ArrayDeque<TensorArena> idle = new ArrayDeque<>();
  private boolean closed;

  /**
   * A pool.
   *
   * @param requestLimitBytes the most that one arena hands out between {@link #take()} and close
   */
  public ArenaPool(long requestLimitBytes) {
    this.requestLimitBytes = requestLimitBytes;
  }

  /** An empty arena; its close puts it back. */
  public TensorArena take() {
    TensorArena arena = idle.pollLast();
    return arena != null ? arena : new TensorArena(this, INITIAL_BYTES, requestLimitBytes);
  }

  void giveBack(TensorArena arena, boolean outgrown) {
    if (closed || idle.size() >= MAX_IDLE) {
      arena.free();
      return;
    }
    long wanted = outgrown ? Long.highestOneBit(arena.usedBytes()) << 1 : arena.mainBytes();
    arena.reset(wanted <= MAX_KEPT_BYTES ? Math.max(wanted, arena.mainBytes()) : INITIAL_BYTES);
    idle.addLast(arena);
  }

  /** Frees the idle arenas; those in use are freed when they are closed. */
  @Override
  public void close() {
    closed = true;
    idle.forEach(TensorArena::free);
    idle.clear();
  }
}
