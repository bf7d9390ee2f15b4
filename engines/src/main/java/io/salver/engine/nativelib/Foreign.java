package io.salver.engine.nativelib;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Small helpers for calls into C. Thread-safe. */
public final class Foreign {
  private static final Linker LINKER = Linker.nativeLinker();

  private Foreign() {}

  /**
   * The symbols of a library, which is loaded now and stays until the process ends.
   *
   * @throws IllegalArgumentException if it cannot be loaded
   */
  public static SymbolLookup load(Path library) {
    return SymbolLookup.libraryLookup(library, Arena.global());
  }

  /** A handle for the C function {@code name} of {@code library}. */
  public static MethodHandle function(
      SymbolLookup library, String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(library.findOrThrow(name), descriptor);
  }

  /** A handle for the C function at {@code address}. */
  public static MethodHandle function(MemorySegment address, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(address, descriptor);
  }

  /** The NUL-terminated UTF-8 text at {@code pointer}; empty if that is null. */
  public static String utf8(MemorySegment pointer) {
    return pointer.address() == 0 ? "" : pointer.reinterpret(Long.MAX_VALUE).getString(0);
  }

  /**
   * What to throw for something that a method handle threw: a handle of a C function throws nothing
   * but errors and what its own arguments caused.
   */
  public static RuntimeException unexpected(Throwable thrown) {
    return switch (thrown) {
      case Error error -> throw error;
      case RuntimeException e -> e;
      default -> new IllegalStateException(thrown);
    };
  }
}
