package io.salver.engine.tensorflow;

import io.salver.engine.nativelib.Foreign;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** The C allocator's memory. */
final class NativeHeap {
  private static final Optional<MethodHandle> MALLOC_TRIM =
      Linker.nativeLinker()
          .defaultLookup()
          .find("malloc_trim")
          .map(address ->
              Foreign.function(
                  address, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)));

  private NativeHeap() {}

  /** Gives memory that is free back to the system, where the C library can do that. */
  static void trim() {
    if (MALLOC_TRIM.isPresent()) {
      try {
        int unused = (int) MALLOC_TRIM.get().invokeExact(0L);
      } catch (Throwable t) {
        throw Foreign.unexpected(t);
      }
    }
  }
}
