package io.salver.tensor;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Arenas kept for reuse.
 *
 * <p>Confined to one thread, as an event loop: {@link #take()}, {@link TensorArena#close()} and
 * {@link #close()} are called by that thread alone. Only a pool that is {@link #shared} may be used
 * by any.
 */
public final class ArenaPool implements AutoCloseable {
  private static final long INITIAL_BYTES = 16 << 10;
  private static final long MAX_KEPT_BYTES = 4 << 20;
  private static final int MAX_IDLE = 64;
  private static final long MAX_IDLE_BYTES = 32 << 20;

  private final long requestLimitBytes;
  private final MemoryBudget budget;
  private final @Nullable Lock lock;
  private final ArrayDeque<TensorArena> idle = new ArrayDeque<>();
  private long idleBytes;
  private boolean closed;

  /**
   * A pool with a budget of its own, which is unlimited.
   *
   * @param requestLimitBytes the most that one arena hands out between {@link #take()} and close
   */
  public ArenaPool(long requestLimitBytes) {
    this(requestLimitBytes, MemoryBudget.UNLIMITED);
  }

  /**
   * A pool.
   *
   * @param requestLimitBytes the most that one arena hands out between {@link #take()} and close
   * @param budget what all arenas of all pools that share it may take beyond their first blocks
   */
  public ArenaPool(long requestLimitBytes, MemoryBudget budget) {
    this(requestLimitBytes, budget, null);
  }

  private ArenaPool(long requestLimitBytes, MemoryBudget budget, @Nullable Lock lock) {
    this.requestLimitBytes = requestLimitBytes;
    this.budget = budget;
    this.lock = lock;
  }

  /**
   * A pool from which any thread may take, and whose arenas any thread may close. Using one arena
   * is for one thread at a time all the same.
   */
  public static ArenaPool shared(long requestLimitBytes, MemoryBudget budget) {
    return new ArenaPool(requestLimitBytes, budget, new ReentrantLock());
  }

  MemoryBudget budget() {
    return budget;
  }

  /** An empty arena; its close puts it back. */
  public TensorArena take() {
    TensorArena arena = takeIdle();
    return arena == null ? new TensorArena(this, INITIAL_BYTES, requestLimitBytes) : arena;
  }

  private @Nullable TensorArena takeIdle() {
    lock();
    try {
      TensorArena arena = idle.pollLast();
      idleBytes -= arena == null ? 0 : arena.mainBytes();
      return arena;
    } finally {
      unlock();
    }
  }

  private void lock() {
    if (lock != null) {
      lock.lock();
    }
  }

  private void unlock() {
    if (lock != null) {
      lock.unlock();
    }
  }

  void giveBack(TensorArena arena, boolean outgrown) {
    lock();
    try {
      keepOrFree(arena, outgrown);
    } finally {
      unlock();
    }
  }

  private void keepOrFree(TensorArena arena, boolean outgrown) {
    if (closed || idle.size() >= MAX_IDLE) {
      arena.free();
      return;
    }
    long wanted = arena.mainBytes();
    if (outgrown) {
      wanted = Math.max(wanted, Long.highestOneBit(arena.usedBytes()) << 1);
    }
    boolean kept = wanted <= MAX_KEPT_BYTES && idleBytes + wanted <= MAX_IDLE_BYTES;
    arena.reset(kept ? wanted : INITIAL_BYTES);
    idleBytes += arena.mainBytes();
    idle.addLast(arena);
  }

  /** Frees the idle arenas; those in use are freed when they are closed. */
  @Override
  public void close() {
    lock();
    try {
      closed = true;
      trim();
    } finally {
      unlock();
    }
  }

  /** Frees the idle arenas. */
  public void trim() {
    lock();
    try {
      idle.forEach(TensorArena::free);
      idle.clear();
      idleBytes = 0;
    } finally {
      unlock();
    }
  }
}
