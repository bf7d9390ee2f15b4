package io.salver.tensor;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory of one request: everything that its tensors view lives here and goes at once.
 *
 * <p>Used by one thread at a time; handing it to another thread needs a happens-before edge, such
 * as a queue. {@link #close()} belongs to the thread that took it from its {@link ArenaPool}.
 */
public final class TensorArena implements AutoCloseable {
  private final ArenaPool pool;
  private final long limitBytes;
  private MemorySegment main;
  private long mainUsedBytes;
  private long totalBytes;
  private long overflowBytes;
  private final List<MemorySegment> overflow = new ArrayList<>();
  private final List<Runnable> onClose = new ArrayList<>();

  TensorArena(ArenaPool pool, long initialBytes, long limitBytes) {
    this.pool = pool;
    this.limitBytes = limitBytes;
    this.main = NativeMemory.allocate(initialBytes);
  }

  /**
   * Memory for {@code sizeBytes} bytes, aligned to 64 bytes, not cleared.
   *
   * @throws MemoryLimitException if this arena's limit would be passed, or what is left of the
   *     pool's budget
   */
  public MemorySegment allocate(long sizeBytes) {
    if (sizeBytes < 0 || sizeBytes > limitBytes - totalBytes) {
      throw MemoryLimitException.ofOne(sizeBytes, totalBytes, limitBytes);
    }
    long rounded = NativeMemory.roundUp(sizeBytes);
    totalBytes += rounded;
    if (rounded <= main.byteSize() - mainUsedBytes) {
      MemorySegment slice = main.asSlice(mainUsedBytes, sizeBytes);
      mainUsedBytes += rounded;
      return slice;
    }
    pool.budget().reserve(rounded);
    overflowBytes += rounded;
    MemorySegment block = NativeMemory.allocate(rounded);
    overflow.add(block);
    return block.asSlice(0, sizeBytes);
  }

  /** A tensor of a fixed-size type whose elements are not yet set. */
  public Tensor allocate(DType dtype, Shape shape) {
    return Tensor.of(dtype, shape, allocate(Tensor.sizeBytes(dtype, shape)));
  }

  /** Runs {@code action} when the arena is closed: how an engine lends its own output memory. */
  public void onClose(Runnable action) {
    onClose.add(action);
  }

  /** Another arena of the same pool; to be asked for where {@link ArenaPool#take} may be. */
  public TensorArena sibling() {
    return pool.take();
  }

  /** Bytes handed out since this arena was taken from its pool. */
  public long usedBytes() {
    return totalBytes;
  }

  /** Ends the life of everything allocated here, and returns the arena to its pool. */
  @Override
  public void close() {
    for (Runnable action : onClose) {
      action.run();
    }
    onClose.clear();
    for (MemorySegment block : overflow) {
      NativeMemory.free(block);
    }
    boolean grow = !overflow.isEmpty();
    overflow.clear();
    pool.budget().release(overflowBytes);
    overflowBytes = 0;
    pool.giveBack(this, grow);
  }

  /** Makes the arena ready for the next request, with a larger main block if that is asked. */
  void reset(long mainBytes) {
    if (mainBytes != main.byteSize()) {
      NativeMemory.free(main);
      main = NativeMemory.allocate(mainBytes);
    }
    mainUsedBytes = 0;
    totalBytes = 0;
  }

  long mainBytes() {
    return main.byteSize();
  }

  void free() {
    NativeMemory.free(main);
    main = MemorySegment.NULL;
  }
}
