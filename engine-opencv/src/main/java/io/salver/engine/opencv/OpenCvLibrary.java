package io.salver.engine.opencv;

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
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_dnn;

/** The native library, loaded once for the process, and its settings. */
final class OpenCvLibrary {
  private static final Logger LOG = System.getLogger(OpenCvLibrary.class.getName());

  /** {@code cv::utils::logging::setLogLevel}, which the Java interface lacks. */
  private static final String SET_LOG_LEVEL = "_ZN2cv5utils7logging11setLogLevelENS1_8LogLevelE";

  private static final int SILENT = 0;

  /** As it was loaded with; 0 before. */
  private static int threads;

  private OpenCvLibrary() {}

  /**
   * Loads the library, and sets its threads, if that has not been done.
   *
   * @throws ModelLoadException if it cannot be
   */
  static synchronized void load(EngineOptions options) throws ModelLoadException {
    if (threads == 0) {
      try {
        LibraryProperties.with(
            LibraryProperties.ofJavaCpp("opencv"), () -> Loader.load(opencv_dnn.class));
        opencv_core.setNumThreads(options.intraOpThreads());
        silence();
      } catch (LinkageError | RuntimeException e) {
        throw new ModelLoadException("OpenCV: " + e, e);
      }
      threads = options.intraOpThreads();
    } else if (threads != options.intraOpThreads()) {
      LOG.log(
          Level.WARNING,
          "OpenCV: threads stay {0}, as the first model was loaded with; {1} without effect",
          threads,
          options.intraOpThreads());
    }
  }

  /** What it writes to standard error is in its exceptions, too. */
  private static void silence() {
    Optional<MemorySegment> setter = SymbolLookup.loaderLookup().find(SET_LOG_LEVEL);
    if (setter.isEmpty()) {
      return;
    }
    FunctionDescriptor intToInt = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    try {
      int unused =
          (int) Linker.nativeLinker().downcallHandle(setter.get(), intToInt).invokeExact(SILENT);
    } catch (Throwable e) {
      throw new IllegalStateException(SET_LOG_LEVEL, e);
    }
  }
}
