package io.salver.lifecycle;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures what a load allocates from the C library, by {@code mallinfo2(3)}: what is in use after
 * it less what was before. As the library counts for the whole process, only a load beside which no
 * other model was loaded or unloaded is measured; they take turns where that takes no long wait.
 * Thread-safe.
 *
 * <p>Not seen: the Java heap, mapped files, other processes.
 */
final class MallocMeter {
  /** Of ten numbers: those of the bytes in mapped blocks, and of the bytes in use elsewhere. */
  private static final int HBLKHD = 4;

  private static final int UORDBLKS = 7;
  private static final StructLayout INFO =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(10, ValueLayout.JAVA_LONG));
  private static final @Nullable MethodHandle MALLINFO2 = find();

  /**
   * How long a load or an unload waits for another to end, so that it is measured: a slow one holds
   * nobody up for longer.
   */
  private static final long PATIENCE_MS = 100;

  private final Semaphore turn = new Semaphore(1);

  /** How many loads and unloads went on or ended beside the one whose turn it was. */
  private final AtomicLong disturbances = new AtomicLong();

  private final LongSupplier inUseBytes;

  MallocMeter() {
    this(MallocMeter::inUseBytes);
  }

  /** A meter of what {@code inUseBytes} says. */
  MallocMeter(LongSupplier inUseBytes) {
    this.inUseBytes = inUseBytes;
  }

  /** A load or an unload under way. */
  record Start(boolean alone, long disturbances, long bytes) {}

  private static @Nullable MethodHandle find() {
    Linker linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find("mallinfo2")
        .map(symbol -> linker.downcallHandle(symbol, FunctionDescriptor.of(INFO)))
        .orElse(null);
  }

  /** Begins a load or an unload. Followed by {@link #end}, on any thread. */
  Start begin() {
    boolean alone = tryTurn();
    if (!alone) {
      disturbances.incrementAndGet();
    }
    return new Start(alone, disturbances.get(), inUseBytes.getAsLong());
  }

  private boolean tryTurn() {
    try {
      return turn.tryAcquire(PATIENCE_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Ends it: what it allocated and did not free, if that is known and anything. */
  OptionalLong end(Start start) {
    long bytes = inUseBytes.getAsLong() - start.bytes;
    if (!start.alone) {
      disturbances.incrementAndGet();
      return OptionalLong.empty();
    }
    boolean clean = disturbances.get() == start.disturbances;
    turn.release();
    return clean && bytes > 0 ? OptionalLong.of(bytes) : OptionalLong.empty();
  }

  private static long inUseBytes() {
    if (MALLINFO2 == null) {
      return 0;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = (MemorySegment) MALLINFO2.invokeExact((SegmentAllocator) arena);
      return info.getAtIndex(ValueLayout.JAVA_LONG, HBLKHD)
          + info.getAtIndex(ValueLayout.JAVA_LONG, UORDBLKS);
    } catch (Throwable t) {
      throw new AssertionError("mallinfo2 does not throw", t);
    }
  }
}
