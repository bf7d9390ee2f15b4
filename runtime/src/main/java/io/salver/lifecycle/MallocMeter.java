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
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures what a load allocates from the C library, by {@code mallinfo2(3)}: what is in use after
 * it less what was before. Only a load beside which no other model was loaded or unloaded is
 * measured, as the library counts for the whole process. Thread-safe.
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
   * How many models were begun or ended to be loaded or unloaded; changes make readings unclean.
   */
  private final AtomicLong changes = new AtomicLong();

  private final AtomicLong running = new AtomicLong();
  private final LongSupplier inUseBytes;

  MallocMeter() {
    this(MallocMeter::inUseBytes);
  }

  /** A meter of what {@code inUseBytes} says. */
  MallocMeter(LongSupplier inUseBytes) {
    this.inUseBytes = inUseBytes;
  }

  /** A measurement under way. */
  record Start(long change, long bytes, boolean alone) {}

  private static @Nullable MethodHandle find() {
    Linker linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find("mallinfo2")
        .map(symbol -> linker.downcallHandle(symbol, FunctionDescriptor.of(INFO)))
        .orElse(null);
  }

  /** Begins a load. Followed by {@link #end}. */
  Start begin() {
    boolean alone = running.getAndIncrement() == 0;
    return new Start(changes.incrementAndGet(), inUseBytes.getAsLong(), alone);
  }

  /** Ends a load: what it allocated and did not free, if that is known. */
  OptionalLong end(Start start) {
    long bytes = inUseBytes.getAsLong() - start.bytes;
    running.decrementAndGet();
    boolean clean = start.alone && changes.getAndIncrement() == start.change;
    return clean && bytes > 0 ? OptionalLong.of(bytes) : OptionalLong.empty();
  }

  /** Something is unloaded. */
  void disturb() {
    changes.incrementAndGet();
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
