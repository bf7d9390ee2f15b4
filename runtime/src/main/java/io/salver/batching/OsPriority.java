package io.salver.batching;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the operating system gives threads that run models: on Linux a lower priority than event
 * loops, and longer slices, so that a machine full of slow models still reads and answers. The
 * scheduler (EEVDF; slices since Linux 6.12) lets a thread with a short slice that wakes up take
 * the place of one with a long slice at once. Elsewhere the same.
 */
final class OsPriority {
  private static final Logger LOG = System.getLogger(OsPriority.class.getName());
  private static final int NICENESS = 5;
  private static final long SLICE_NS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final int CALLING_THREAD = 0;
  private static final int NO_FLAGS = 0;
  private static final int SCHED_BATCH = 3;

  /** {@code struct sched_attr} in its first version. */
  private static final StructLayout ATTRIBUTES =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_INT.withName("size"),
          ValueLayout.JAVA_INT.withName("policy"),
          ValueLayout.JAVA_LONG.withName("flags"),
          ValueLayout.JAVA_INT.withName("nice"),
          ValueLayout.JAVA_INT.withName("priority"),
          ValueLayout.JAVA_LONG.withName("runtime"),
          ValueLayout.JAVA_LONG.withName("deadline"),
          ValueLayout.JAVA_LONG.withName("period"));

  private static final @Nullable MethodHandle SET_ATTRIBUTES = setAttributes();

  private OsPriority() {}

  /** {@code sched_setattr}, for which the C library has no function. */
  private static @Nullable MethodHandle setAttributes() {
    long number =
        switch (System.getProperty("os.name", "") + " " + System.getProperty("os.arch", "")) {
          case "Linux amd64" -> 314;
          case "Linux aarch64" -> 274;
          default -> -1;
        };
    Linker linker = Linker.nativeLinker();
    MemorySegment function = linker.defaultLookup().find("syscall").orElse(null);
    if (number < 0 || function == null) {
      return null;
    }
    MethodHandle systemCall =
        linker.downcallHandle(
            function,
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT),
            Linker.Option.firstVariadicArg(1));
    return MethodHandles.insertArguments(systemCall, 0, number);
  }

  /** Lowers the calling platform thread's priority, where that can be done. */
  static void lower() {
    if (SET_ATTRIBUTES == null) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(ATTRIBUTES);
      attributes.set(ValueLayout.JAVA_INT, offset("size"), (int) ATTRIBUTES.byteSize());
      attributes.set(ValueLayout.JAVA_INT, offset("policy"), SCHED_BATCH);
      attributes.set(ValueLayout.JAVA_INT, offset("nice"), NICENESS);
      attributes.set(ValueLayout.JAVA_LONG, offset("runtime"), SLICE_NS);
      long failed = (long) SET_ATTRIBUTES.invokeExact(CALLING_THREAD, attributes, NO_FLAGS);
      if (failed != 0) {
        LOG.log(Level.DEBUG, "sched_setattr: refused");
      }
    } catch (Throwable t) {
      throw new AssertionError("sched_setattr does not throw", t);
    }
  }

  private static long offset(String field) {
    return ATTRIBUTES.byteOffset(MemoryLayout.PathElement.groupElement(field));
  }
}
