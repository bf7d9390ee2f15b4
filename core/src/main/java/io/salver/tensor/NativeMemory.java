package io.salver.tensor;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.LongAdder;

/**
 * Memory outside the heap from the C allocator, counted.
 *
 * <p>Used instead of a shared {@link java.lang.foreign.Arena} because closing one of those stops
 * every thread for a handshake. The price: a segment used after {@link #free} is not caught. So
 * each segment has one owner, and the owners are few ({@link TensorArena}, and the engines' loaded
 * models). {@link #liveBytes()} lets a test prove that nothing was left behind.
 *
 * <p>Thread-safe.
 */
public final class NativeMemory {
  private static final long ALIGNMENT_BYTES = 64;
  private static final LongAdder LIVE_BYTES = new LongAdder();
  private static final MethodHandle ALIGNED_ALLOC;
  private static final MethodHandle FREE;

  static {
    Linker linker = Linker.nativeLinker();
    ALIGNED_ALLOC =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("aligned_alloc"),
            FunctionDescriptor.of(
                ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    FREE =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("free"),
            FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
  }

  private NativeMemory() {}

  /**
   * Allocates, without clearing.
   *
   * @param sizeBytes at least 0; rounded up to a multiple of 64
   * @return a segment of the rounded size, aligned to 64 bytes, to be given to {@link #free} once
   * @throws OutOfMemoryError if the C allocator has no such block
   */
  public static MemorySegment allocate(long sizeBytes) {
    long rounded = roundUp(Math.max(sizeBytes, 1));
    MemorySegment block;
    try {
      block = (MemorySegment) ALIGNED_ALLOC.invokeExact(ALIGNMENT_BYTES, rounded);
    } catch (Throwable t) {
      throw new AssertionError("aligned_alloc does not throw", t);
    }
    if (block.address() == 0) {
      throw new OutOfMemoryError("native memory: no block of " + rounded + " bytes");
    }
    LIVE_BYTES.add(rounded);
    return block.reinterpret(rounded);
  }

  /** Gives a segment from {@link #allocate} back. The whole segment, and only once. */
  public static void free(MemorySegment block) {
    LIVE_BYTES.add(-block.byteSize());
    try {
      FREE.invokeExact(block);
    } catch (Throwable t) {
      throw new AssertionError("free does not throw", t);
    }
  }

  /** Bytes allocated and not yet freed, over all threads. */
  public static long liveBytes() {
    return LIVE_BYTES.sum();
  }

  static long roundUp(long sizeBytes) {
    return (sizeBytes + ALIGNMENT_BYTES - 1) & -ALIGNMENT_BYTES;
  }
}
