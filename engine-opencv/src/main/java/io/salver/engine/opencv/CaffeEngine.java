package io.salver.engine.opencv;

import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.util.Optional;

/**
 * Runs Caffe networks by OpenCV's dnn on the CPU. The native library is unpacked and loaded with
 * the first model.
 *
 * <p>A version directory is such a model if it holds a {@code .prototxt} and a {@code .caffemodel}:
 * {@code deploy.prototxt}, {@code model.prototxt} or the only one, and {@code model.caffemodel} or
 * the only one. Inputs are called as the definition calls them, outputs as the blobs that no layer
 * reads; all are of FLOAT32.
 *
 * <p>A network keeps the blobs of its last run, so it is run by one thread at a time.
 *
 * <p>Threads: {@link EngineOptions#intraOpThreads} of the first model that is loaded holds for all,
 * because it is a setting of the library.
 */
public final class CaffeEngine implements Engine {
  /** An engine that has loaded nothing yet. */
  public CaffeEngine() {}

  @Override
  public String name() {
    return "caffe";
  }

  @Override
  public Inspection inspect(ModelFiles files) {
    return CaffeFiles.find(files).map(CaffeFiles::inspect).orElseGet(Inspection.NotMine::new);
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    Optional<CaffeFiles> found = CaffeFiles.find(files);
    if (found.isEmpty()) {
      throw new ModelLoadException(
          "directory: " + files + " (expected: one .prototxt and one .caffemodel)");
    }
    return NetLoader.load(found.get(), options);
  }

  /** Does nothing: the library stays loaded. */
  @Override
  public void close() {}
}
