package io.salver.lifecycle;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Asks the C allocator to give freed memory back to the system, which glibc does not do by itself
 * for what lies between blocks in use. Takes milliseconds; does nothing where the C library has no
 * such function.
 */
final class MallocTrim {
  private static final @Nullable MethodHandle MALLOC_TRIM = find();

  private MallocTrim() {}

  private static @Nullable MethodHandle find() {
    Linker linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find("malloc_trim")
        .map(symbol ->
            linker.downcallHandle(
                symbol, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)))
        .orElse(null);
  }

  static void run() {
    if (MALLOC_TRIM == null) {
      return;
    }
    try {
      int unused = (int) MALLOC_TRIM.invokeExact(0L);
    } catch (Throwable t) {
      throw new AssertionError("malloc_trim does not throw", t);
    }
  }
}
