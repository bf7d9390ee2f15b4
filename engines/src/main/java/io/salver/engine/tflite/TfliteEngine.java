package io.salver.engine.tflite;

import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs TensorFlow Lite models by the library's C interface, on the CPU, with XNNPACK's kernels. The
 * native library is unpacked and loaded with the first model.
 *
 * <p>A version directory is a TensorFlow Lite model if it holds {@code model.tflite}, or just one
 * file that ends in {@code .tflite}. Its signatures are the file's own; without any, TensorFlow's
 * in the file's metadata; without these, {@code serving_default} with the names of the model's
 * tensors. Quantised tensors pass as the integers that they are.
 *
 * <p>Models may be run by several threads at once: each has as many interpreters as have been
 * needed at once, at most one for each processor, and a thread that finds none waits. A model that
 * assigns variables has one, so that there is one state.
 *
 * <p>Keys of {@link LoadedModel#metadata}: see {@link AssociatedFiles}.
 */
public final class TfliteEngine implements Engine {
  private static final Logger LOG = System.getLogger(TfliteEngine.class.getName());

  /** An interpreter whose tensors have come to take more is not kept. */
  private static final long MAX_KEPT_BYTES = 256L << 20;

  private final int maxInterpreters;
  private @Nullable TfliteApi api;

  /** An engine that has loaded nothing yet, with at most one interpreter for each processor. */
  public TfliteEngine() {
    this(Runtime.getRuntime().availableProcessors());
  }

  /**
   * An engine that has loaded nothing yet.
   *
   * @param maxInterpreters of each model, at least 1
   */
  public TfliteEngine(int maxInterpreters) {
    if (maxInterpreters < 1) {
      throw new IllegalArgumentException(
          "interpreters: " + maxInterpreters + " (expected: >= 1 for each model)");
    }
    this.maxInterpreters = maxInterpreters;
  }

  @Override
  public String name() {
    return "tflite";
  }

  @Override
  public Inspection inspect(ModelFiles files) {
    return TfliteFile.find(files)
        .map(file -> file.inspect(maxInterpreters))
        .orElseGet(Inspection.NotMine::new);
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    Optional<TfliteFile> found = TfliteFile.find(files);
    if (found.isEmpty()) {
      throw new ModelLoadException(
          "directory: " + files + " (expected: model.tflite, or one file *.tflite)");
    }
    Path path = found.get().path();
    Arena arena = Arena.ofShared();
    try {
      MemorySegment content = found.get().read(arena);
      return load(path, arena, content, options);
    } catch (BrokenModelException | Interpreter.RefusedException e) {
      arena.close();
      throw new ModelLoadException(path + ": " + e.getMessage(), e);
    } catch (ModelLoadException | RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /** Loads a model whose arena stays the caller's if this fails. */
  private LoadedModel load(Path path, Arena arena, MemorySegment content, EngineOptions options)
      throws ModelLoadException {
    ModelOutline outline = ModelReader.read(content);
    if (outline.workingBytes() > GraphRun.MAX_WORKING_BYTES) {
      throw BrokenModelException.of(
          "tensors: %d bytes beside the file (expected: <= %d)"
              .formatted(outline.workingBytes(), GraphRun.MAX_WORKING_BYTES));
    }
    ModelPorts ports = new ModelPorts(outline);
    TfliteApi library = library();
    NativeModel model;
    try {
      model = NativeModel.open(library, arena, content);
    } catch (ModelLoadException e) {
      throw new ModelLoadException(path + ": TensorFlow Lite: " + e.getMessage(), e);
    }
    try {
      return model(path, model, outline, ports, options.intraOpThreads());
    } catch (RuntimeException | Error e) {
      library.deleteModel(model.pointer());
      throw e;
    }
  }

  private LoadedModel model(
      Path path, NativeModel model, ModelOutline outline, ModelPorts ports, int threads) {
    TfliteApi library = model.api();
    InterpreterMaker maker = new InterpreterMaker(library, model, ports, threads, outline);
    Interpreter first = maker.first(path, LOG);
    try {
      Map<String, Call> calls = ports.calls(library, first);
      int interpreters = outline.stateful() ? 1 : maxInterpreters;
      long kept = Math.max(MAX_KEPT_BYTES, outline.workingBytes());
      InterpreterPool pool = new InterpreterPool(first, maker, interpreters, kept);
      long memoryBytes = TfliteFile.memoryBoundBytes(model.fileBytes(), outline, interpreters);
      Map<String, byte[]> metadata = AssociatedFiles.read(path);
      return new TfliteModel(model, pool, ports, calls, metadata, memoryBytes);
    } catch (RuntimeException | Error e) {
      first.close();
      throw e;
    }
  }

  private synchronized TfliteApi library() throws ModelLoadException {
    TfliteApi loaded = api;
    if (loaded == null) {
      try {
        loaded = TfliteApi.load();
      } catch (IOException | IllegalArgumentException e) {
        throw new ModelLoadException("TensorFlow Lite: " + e.getMessage(), e);
      }
      LOG.log(Level.DEBUG, "TensorFlow Lite is loaded");
      api = loaded;
    }
    return loaded;
  }

  /** Interpreters that are alive, of all engines, for tests that nothing is left behind. */
  public static long liveInterpreters() {
    return Interpreter.live();
  }

  /** Does nothing: the library stays loaded. */
  @Override
  public void close() {}
}
