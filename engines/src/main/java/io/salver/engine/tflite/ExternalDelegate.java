package io.salver.engine.tflite;

import io.salver.engine.ModelLoadException;
import io.salver.engine.nativelib.Foreign;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Delegates of another library, by the two C functions that TensorFlow Lite asks of a plug-in for
 * delegates. They are called here and not by the library, because it only logs what they report.
 * Thread-safe.
 */
final class ExternalDelegate implements Kernels {
  private static final String CREATE = "tflite_plugin_create_delegate";
  private static final String DESTROY = "tflite_plugin_destroy_delegate";
  private static final int MAX_CHARS = 2000;

  private final String kind;
  private final MethodHandle create;
  private final MethodHandle destroy;

  private ExternalDelegate(String kind, MethodHandle create, MethodHandle destroy) {
    this.kind = kind;
    this.create = create;
    this.destroy = destroy;
  }

  /**
   * Loads the library.
   *
   * @param kind what the delegate's device is called
   * @throws ModelLoadException if it cannot be loaded or has no delegates
   */
  static ExternalDelegate load(String kind, Path library) throws ModelLoadException {
    String place = "device: " + kind + ": " + library;
    if (!Files.isRegularFile(library)) {
      throw new ModelLoadException(place + " (expected: a shared library)");
    }
    try {
      SymbolLookup symbols = Foreign.load(library);
      for (String function : new String[] {CREATE, DESTROY}) {
        if (symbols.find(function).isEmpty()) {
          throw new ModelLoadException(place + " has no " + function + " (expected: a delegate)");
        }
      }
      return new ExternalDelegate(
          kind,
          Foreign.function(
              symbols,
              CREATE,
              FunctionDescriptor.of(
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.ADDRESS)),
          Foreign.function(symbols, DESTROY, FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG)));
    } catch (IllegalArgumentException e) {
      throw new ModelLoadException(place + " cannot be loaded: " + e.getMessage(), e);
    }
  }

  @Override
  public long create() {
    StringBuilder said = new StringBuilder();
    long delegate;
    try (Arena arena = Arena.ofConfined()) {
      delegate = (long) create.invokeExact(0L, 0L, 0L, reporter(said, arena));
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
    if (delegate == 0) {
      throw new Interpreter.RefusedException(
          "device: %s: %s"
              .formatted(kind, said.isEmpty() ? "its delegate does not say why" : said.toString()));
    }
    return delegate;
  }

  private static MemorySegment reporter(StringBuilder said, Arena arena)
      throws ReflectiveOperationException {
    MethodHandle report =
        MethodHandles.lookup()
            .findStatic(
                ExternalDelegate.class,
                "report",
                MethodType.methodType(void.class, StringBuilder.class, MemorySegment.class))
            .bindTo(said);
    return Linker.nativeLinker()
        .upcallStub(report, FunctionDescriptor.ofVoid(ValueLayout.ADDRESS), arena);
  }

  /** Whatever it threw would end the process. */
  @SuppressWarnings("unused") // called from C
  private static void report(StringBuilder said, MemorySegment message) {
    try {
      String text = Foreign.utf8(message).strip();
      if (said.length() + text.length() < MAX_CHARS) {
        said.append(said.isEmpty() ? "" : " ").append(text);
      }
    } catch (Throwable ignored) {
      // A message that cannot be kept is lost.
    }
  }

  @Override
  public void delete(long delegate) {
    try {
      destroy.invokeExact(delegate);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }
}
