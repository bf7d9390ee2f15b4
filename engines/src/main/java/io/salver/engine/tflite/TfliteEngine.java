package io.salver.engine.tflite;

import io.salver.engine.Device;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs TensorFlow Lite models by the library's C interface: on the CPU, with XNNPACK's kernels, or
 * on the device of a delegate that another library has. The native library is unpacked and loaded
 * with the first model.
 *
 * <p>A version directory is a TensorFlow Lite model if it holds {@code model.tflite}, or just one
 * file that ends in {@code .tflite}. Its signatures are the file's own; without any, TensorFlow's
 * in the file's metadata; without these, {@code serving_default} with the names of the model's
 * tensors. Quantised tensors pass as the integers that they are, or, with {@link
 * EngineOptions#dequantize}, those of which one scale holds for all elements as FLOAT32.
 *
 * <p>Models may be run by several threads at once: each has as many interpreters as have been
 * needed at once, at most {@link EngineOptions#instances}, or one for each processor where that is
 * not said, and a thread that finds none waits. A model that assigns variables has one, so that
 * there is one state.
 *
 * <p>Keys of {@link LoadedModel#metadata}: see {@link AssociatedFiles}.
 */
public final class TfliteEngine implements Engine {
  private static final Logger LOG = System.getLogger(TfliteEngine.class.getName());

  /** An interpreter whose tensors have come to take more is not kept. */
  private static final long MAX_KEPT_BYTES = 256L << 20;

  private final int maxInterpreters;
  private final Map<String, Path> delegates;
  private final Map<String, ExternalDelegate> loadedDelegates = new HashMap<>();
  private @Nullable TfliteApi api;

  /** An engine that has loaded nothing yet, with at most one interpreter for each processor. */
  public TfliteEngine() {
    this(Map.of());
  }

  /**
   * The same with other delegates.
   *
   * @param delegates libraries that have the functions of an external delegate, by the kind of
   *     device that their delegates are
   */
  public TfliteEngine(Map<String, Path> delegates) {
    this(Runtime.getRuntime().availableProcessors(), delegates);
  }

  /**
   * An engine that has loaded nothing yet.
   *
   * @param maxInterpreters of each model, at least 1
   */
  public TfliteEngine(int maxInterpreters) {
    this(maxInterpreters, Map.of());
  }

  private TfliteEngine(int maxInterpreters, Map<String, Path> delegates) {
    if (maxInterpreters < 1) {
      throw new IllegalArgumentException(
          "interpreters: " + maxInterpreters + " (expected: >= 1 for each model)");
    }
    this.maxInterpreters = maxInterpreters;
    this.delegates = Map.copyOf(delegates);
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
  public Map<String, String> describe(ModelFiles files) throws ModelLoadException {
    Optional<TfliteFile> file = TfliteFile.find(files);
    return file.isPresent() ? file.get().describe() : Map.of();
  }

  @Override
  public Set<String> deviceKinds() {
    Set<String> kinds = new HashSet<>(delegates.keySet());
    kinds.add(Device.CPU.kind());
    return kinds;
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
    Optional<ExternalDelegate> delegate = delegate(options);
    TfliteApi library = library();
    NativeModel model;
    try {
      model = NativeModel.open(library, arena, content);
    } catch (ModelLoadException e) {
      throw new ModelLoadException(path + ": TensorFlow Lite: " + e.getMessage(), e);
    }
    try {
      return model(path, model, outline, ports, options, delegate);
    } catch (ModelLoadException | RuntimeException | Error e) {
      library.deleteModel(model.pointer());
      throw e;
    }
  }

  private synchronized Optional<ExternalDelegate> delegate(EngineOptions options)
      throws ModelLoadException {
    Device device = options.device();
    if (device.isCpu()) {
      return Optional.empty();
    }
    Path library = delegates.get(device.kind());
    if (library == null || device.index() != 0 || options.deviceMemoryLimitBytes() != 0) {
      throw new ModelLoadException(
          "device: %s, device_memory_limit_bytes: %d (expected: one of the delegates %s, without a number"
                  .formatted(device, options.deviceMemoryLimitBytes(), delegates.keySet())
              + " or a limit)");
    }
    ExternalDelegate delegate = loadedDelegates.get(device.kind());
    if (delegate == null) {
      delegate = ExternalDelegate.load(device.kind(), library);
      loadedDelegates.put(device.kind(), delegate);
    }
    return Optional.of(delegate);
  }

  private LoadedModel model(
      Path path,
      NativeModel model,
      ModelOutline outline,
      ModelPorts ports,
      EngineOptions options,
      Optional<ExternalDelegate> delegate)
      throws ModelLoadException {
    TfliteApi library = model.api();
    InterpreterMaker maker =
        new InterpreterMaker(library, model, ports, options.intraOpThreads(), outline, delegate);
    Interpreter first = maker.first(path, LOG);
    try {
      Map<String, Call> calls = ports.calls(library, first);
      int most = options.instances() > 0 ? options.instances() : maxInterpreters;
      int interpreters = outline.stateful() ? 1 : most;
      long kept = Math.max(MAX_KEPT_BYTES, outline.workingBytes());
      InterpreterPool pool = new InterpreterPool(first, maker, interpreters, kept);
      long memoryBytes = TfliteFile.memoryBoundBytes(model.fileBytes(), outline, interpreters);
      Map<String, byte[]> metadata = AssociatedFiles.read(path);
      TfliteModel loaded = new TfliteModel(model, pool, ports, calls, metadata, memoryBytes);
      return options.dequantize() ? dequantised(path, loaded, ports, calls) : loaded;
    } catch (ModelLoadException | RuntimeException | Error e) {
      first.close();
      throw e;
    }
  }

  private static LoadedModel dequantised(
      Path path, TfliteModel model, ModelPorts ports, Map<String, Call> calls)
      throws ModelLoadException {
    DequantisedModel dequantised = new DequantisedModel(model, ports, calls);
    if (dequantised.convertsNothing()) {
      throw new ModelLoadException(
          path
              + ": dequantize: true for a model without quantised inputs or outputs (expected:"
              + " UINT8, INT8 or INT16 with one scale)");
    }
    return dequantised;
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
