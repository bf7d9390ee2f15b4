package io.salver.engine.onnx;

import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs ONNX models by ONNX Runtime. The native library is unpacked and loaded with the first model.
 * The build on the class path runs models on the CPU alone; another one on the devices {@code
 * cuda}, {@code tensorrt}, {@code coreml} and {@code openvino} as far as it has providers for them.
 *
 * <p>A version directory is an ONNX model if it holds {@code model.onnx}, or just one file that
 * ends in {@code .onnx}. It has one signature, {@code serving_default}, with the model's own names.
 * A model's initializers are no inputs, even if the model lets them be overridden. A map from label
 * to score, or a sequence of them, as scikit-learn's classifiers give, becomes two outputs: the
 * scores, {@code [rows, classes]}, under the output's name, and the labels, {@code [classes]},
 * under that name with {@code _labels} after it. A sequence of tensors of one shape becomes one
 * tensor, {@code [length, ...]}.
 *
 * <p>Models may be run by several threads at once.
 */
public final class OnnxEngine implements Engine {
  private final Optional<Path> library;
  private @Nullable OrtRuntime runtime;

  /** An engine that has loaded nothing yet. */
  public OnnxEngine() {
    this(Optional.empty());
  }

  /**
   * An engine that has loaded nothing yet.
   *
   * @param library a directory with another build of {@code libonnxruntime.so} and its providers,
   *     or a jar with them; empty for the one on the class path
   */
  public OnnxEngine(Optional<Path> library) {
    this.library = library;
  }

  @Override
  public String name() {
    return "onnx";
  }

  @Override
  public Inspection inspect(ModelFiles files) {
    return OnnxFile.find(files).map(OnnxFile::inspect).orElseGet(Inspection.NotMine::new);
  }

  @Override
  public Map<String, String> describe(ModelFiles files) throws ModelLoadException {
    Optional<OnnxFile> file = OnnxFile.find(files);
    return file.isPresent() ? file.get().describe() : Map.of();
  }

  @Override
  public Set<String> deviceKinds() {
    return Providers.KINDS;
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    Optional<OnnxFile> found = OnnxFile.find(files);
    if (found.isEmpty()) {
      throw new ModelLoadException(
          "directory: " + files + " (expected: model.onnx, or one file *.onnx)");
    }
    OnnxFile file = found.get();
    long memoryBytes = file.check();
    try {
      return open(runtime(), file.path(), options, memoryBytes);
    } catch (OrtException e) {
      throw new ModelLoadException(
          "%s: ONNX Runtime%s: %s"
              .formatted(
                  file.path(),
                  options.device().isCpu() ? "" : " on " + options.device(),
                  e.getMessage()),
          e);
    }
  }

  private static LoadedModel open(
      OrtRuntime runtime, Path path, EngineOptions options, long memoryBytes)
      throws ModelLoadException {
    long session = runtime.createSession(path, options);
    try (Arena arena = Arena.ofConfined()) {
      SessionReader reader = new SessionReader(runtime.api(), session, runtime.allocator(), arena);
      return new OnnxModel(runtime, session, SessionPorts.read(reader), memoryBytes);
    } catch (ModelLoadException e) {
      runtime.api().releaseSession(session);
      throw new ModelLoadException(path + ": " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      runtime.api().releaseSession(session);
      throw e;
    }
  }

  private synchronized OrtRuntime runtime() throws ModelLoadException {
    OrtRuntime loaded = runtime;
    if (loaded == null) {
      try {
        loaded = OrtRuntime.load(library);
      } catch (IOException | IllegalArgumentException | IllegalStateException e) {
        throw new ModelLoadException("ONNX Runtime: " + e.getMessage(), e);
      }
      runtime = loaded;
    }
    return loaded;
  }

  /**
   * The runtime's values that are alive, of all engines: those under way, and outputs whose arena
   * is open. For tests that nothing is left behind.
   */
  public static long liveValues() {
    return OrtApi.liveValues();
  }

  @Override
  public synchronized void close() {
    OrtRuntime loaded = runtime;
    if (loaded != null) {
      loaded.close();
      runtime = null;
    }
  }
}
