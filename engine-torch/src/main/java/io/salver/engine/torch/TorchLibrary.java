package io.salver.engine.torch;

import io.salver.engine.EngineOptions;
import io.salver.engine.LibraryProperties;
import io.salver.engine.ModelLoadException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The native library, loaded once for the process, and its settings. */
final class TorchLibrary {
  private static final Logger LOG = System.getLogger(TorchLibrary.class.getName());

  private static @Nullable EngineOptions loadedWith;

  private TorchLibrary() {}

  /**
   * Loads the library, and sets its threads, if that has not been done.
   *
   * @throws ModelLoadException if it cannot be
   */
  static synchronized void load(EngineOptions options) throws ModelLoadException {
    EngineOptions before = loadedWith;
    if (before == null) {
      try {
        LibraryProperties.with(
            LibraryProperties.ofJavaCpp("torch"), () -> Loader.load(torch.class));
        setThreads(options);
      } catch (LinkageError | RuntimeException e) {
        throw new ModelLoadException("libtorch: " + e, e);
      }
      loadedWith = options;
    } else if (!before.equals(options)) {
      LOG.log(
          Level.WARNING,
          "libtorch: threads stay {0}, as the first model was loaded with; {1} without effect",
          before,
          options);
    }
  }

  private static void setThreads(EngineOptions options) {
    torch.set_num_threads(options.intraOpThreads());
    torch.set_num_interop_threads(options.interOpThreads());
    Optional<MemorySegment> setter = SymbolLookup.loaderLookup().find("openblas_set_num_threads");
    if (setter.isPresent()) {
      call(setter.get(), options.intraOpThreads());
    }
  }

  private static void call(MemorySegment function, int argument) {
    try {
      Linker.nativeLinker()
          .downcallHandle(function, FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT))
          .invokeExact(argument);
    } catch (Throwable e) {
      throw new IllegalStateException("openblas_set_num_threads", e);
    }
  }
}
