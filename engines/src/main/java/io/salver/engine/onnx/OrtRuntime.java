package io.salver.engine.onnx;

import io.salver.engine.EngineOptions;
import io.salver.engine.ModelLoadException;
import io.salver.engine.nativelib.NativeBundle;
import io.salver.engine.nativelib.NativeLibraries;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The library, loaded, and its environment, which all sessions share. Thread-safe.
 *
 * <p>What the runtime logs below an error is dropped by it; its errors go to the JDK's logging at
 * the level DEBUG, because each of them also comes back as the status of the call that failed.
 */
final class OrtRuntime implements AutoCloseable {
  private static final NativeBundle BUNDLE =
      new NativeBundle(
          "onnxruntime",
          Map.of(
              "linux-amd64", "ai/onnxruntime/native/linux-x64",
              "linux-aarch64", "ai/onnxruntime/native/linux-aarch64"),
          List.of("libonnxruntime.so"));

  private static final int SEVERITY_ERROR = 3;
  private static final int SEVERITY_FATAL = 4;
  private static final Logger LOG = System.getLogger("io.salver.engine.onnx.runtime");

  private final OrtApi api;
  private final long env;
  private final long memoryInfo;
  private final long allocator;

  private OrtRuntime(OrtApi api) {
    this.api = api;
    this.env = api.createEnv(logger(), SEVERITY_ERROR, "salver");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
      api.createCpuMemoryInfo(out.address());
      this.memoryInfo = out.get(ValueLayout.JAVA_LONG, 0);
      api.getDefaultAllocator(out.address());
      this.allocator = out.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /**
   * Unpacks and loads the library.
   *
   * @param given another build of it than the one on the class path: a directory, or a jar
   */
  static OrtRuntime load(Optional<Path> given) throws IOException {
    Path directory =
        given.isPresent()
            ? NativeLibraries.unpack(given.get(), BUNDLE)
            : NativeLibraries.unpack(OrtRuntime.class.getClassLoader(), BUNDLE);
    return new OrtRuntime(OrtApi.load(directory.resolve(BUNDLE.files().getFirst())));
  }

  private static MemorySegment logger() {
    try {
      return Linker.nativeLinker()
          .upcallStub(
              MethodHandles.lookup()
                  .findStatic(
                      OrtRuntime.class,
                      "log",
                      MethodType.methodType(
                          void.class,
                          long.class,
                          int.class,
                          long.class,
                          long.class,
                          long.class,
                          long.class)),
              FunctionDescriptor.ofVoid(
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG),
              Arena.global());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError("log is below", e);
    }
  }

  /** An {@code OrtLoggingFunction}; whatever it threw would end the process. */
  @SuppressWarnings("unused") // called from C
  private static void log(
      long parameter, int severity, long category, long logId, long location, long message) {
    try {
      Level level = severity >= SEVERITY_FATAL ? Level.ERROR : Level.DEBUG;
      if (LOG.isLoggable(level)) {
        LOG.log(level, OrtApi.text(location) + ": " + OrtApi.text(message));
      }
    } catch (Throwable ignored) {
      // A message that cannot be logged is lost.
    }
  }

  OrtApi api() {
    return api;
  }

  /** Says that tensors lie in ordinary memory. */
  long memoryInfo() {
    return memoryInfo;
  }

  /** The runtime's own allocator. */
  long allocator() {
    return allocator;
  }

  /**
   * A session, to be released by the caller.
   *
   * @throws OrtException if the runtime refuses the model
   * @throws ModelLoadException if the runtime cannot use the device
   */
  long createSession(Path model, EngineOptions options) throws ModelLoadException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
      api.createSessionOptions(out.address());
      long sessionOptions = out.get(ValueLayout.JAVA_LONG, 0);
      try {
        api.setThreads(sessionOptions, options.intraOpThreads(), options.interOpThreads());
        api.addConfigEntry(sessionOptions, "session.intra_op.allow_spinning", "0");
        api.addConfigEntry(sessionOptions, "session.inter_op.allow_spinning", "0");
        Providers.append(api, sessionOptions, options);
        api.createSession(env, model, sessionOptions, out.address());
        return out.get(ValueLayout.JAVA_LONG, 0);
      } finally {
        api.releaseSessionOptions(sessionOptions);
      }
    }
  }

  /** Gives up the environment; the library stays loaded. */
  @Override
  public void close() {
    api.releaseMemoryInfo(memoryInfo);
    api.releaseEnv(env);
  }
}
