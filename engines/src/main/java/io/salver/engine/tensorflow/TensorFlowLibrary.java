package io.salver.engine.tensorflow;

import io.salver.engine.ModelLoadException;
import io.salver.engine.nativelib.Foreign;
import io.salver.engine.nativelib.NativeBundle;
import io.salver.engine.nativelib.NativeLibraries;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * TensorFlow's shared libraries: some 680 MB on disk and 200 MB in memory, so they come in with the
 * first model, never before. Once in, they stay until the process ends. They log errors alone to
 * the standard error stream, unless the environment says otherwise by {@code TF_CPP_MIN_LOG_LEVEL}.
 */
final class TensorFlowLibrary {
  private static final String LIBRARY = "libtensorflow_cc.so.2";
  private static final String FRAMEWORK = "libtensorflow_framework.so.2";
  private static final NativeBundle BUNDLE =
      new NativeBundle(
          "tensorflow",
          Map.of(
              "linux-amd64", "org/tensorflow/internal/c_api/linux-x86_64",
              "linux-aarch64", "org/tensorflow/internal/c_api/linux-arm64"),
          List.of(FRAMEWORK, LIBRARY));

  private static final String LOG_LEVEL_VARIABLE = "TF_CPP_MIN_LOG_LEVEL";
  private static final int ERRORS = 2;

  private static @Nullable SymbolLookup symbols;
  private static @Nullable SymbolLookup framework;
  private static Optional<Path> loaded = Optional.empty();

  private TensorFlowLibrary() {}

  /**
   * Sees that the libraries are in. May take seconds the first time, when they are unpacked.
   *
   * @param given another build of them than that on the class path: a directory, or a jar
   * @throws ModelLoadException if they are not there, cannot be written, or cannot be loaded, or
   *     another build is in the process
   */
  static synchronized void load(Optional<Path> given) throws ModelLoadException {
    if (symbols != null) {
      if (!loaded.equals(given)) {
        throw new ModelLoadException(
            "TensorFlow: " + place(given) + " (expected: " + place(loaded) + ", which is loaded)");
      }
      return;
    }
    try {
      Path directory =
          given.isPresent()
              ? NativeLibraries.unpack(given.get(), BUNDLE)
              : NativeLibraries.unpack(TensorFlowLibrary.class.getClassLoader(), BUNDLE);
      symbols = load(directory);
      loaded = given;
    } catch (IOException | IllegalArgumentException e) {
      throw new ModelLoadException("TensorFlow: " + e.getMessage(), e);
    }
  }

  private static String place(Optional<Path> given) {
    return given.map(Path::toString).orElse("the libraries on the class path");
  }

  private static SymbolLookup load(Path directory) {
    if (System.getenv(LOG_LEVEL_VARIABLE) == null) {
      setLogLevel();
    }
    framework = Foreign.load(directory.resolve(FRAMEWORK));
    return Foreign.load(directory.resolve(LIBRARY));
  }

  /** The symbols; {@link #load} has been called. */
  static synchronized SymbolLookup symbols() {
    if (symbols == null) {
      throw new IllegalStateException("TensorFlow's libraries are not loaded");
    }
    return symbols;
  }

  /** A function that need not be there, of those that no interface declares. */
  static synchronized Optional<MemorySegment> frameworkSymbol(String name) {
    return framework == null ? Optional.empty() : framework.find(name);
  }

  /** TensorFlow reads its log level from the environment, once. */
  private static void setLogLevel() {
    MethodHandle setenv =
        Foreign.function(
            Linker.nativeLinker().defaultLookup().findOrThrow("setenv"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int _ =
          (int)
              setenv.invokeExact(
                  arena.allocateFrom(LOG_LEVEL_VARIABLE),
                  arena.allocateFrom(Integer.toString(ERRORS)),
                  1);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }
}
