package io.salver.engine.torch;

import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Runs TorchScript models, which {@code torch.jit.script} or {@code torch.jit.trace} made and
 * {@code save} wrote, by libtorch on the CPU. The native library is unpacked and loaded with the
 * first model.
 *
 * <p>A version directory is such a model if it holds {@code model.pt}, or just one file that ends
 * in {@code .pt}, {@code .pth}, {@code .jit}, {@code .ts} or {@code .torchscript}. A file that is
 * no TorchScript archive, such as a pickled state dictionary, is refused before libtorch sees it:
 * pickles in general run code.
 *
 * <p>Names, types and shapes of inputs and outputs: see {@link ModelPorts}.
 *
 * <p>Models may be run by several threads at once, unless their code assigns attributes: such a
 * model has a state, which stays from one run to the next.
 *
 * <p>Threads: {@link EngineOptions} of the first model that is loaded hold for all, because they
 * are settings of the library.
 */
public final class TorchEngine implements Engine {
  /** An engine that has loaded nothing yet. */
  public TorchEngine() {}

  @Override
  public String name() {
    return "torch";
  }

  @Override
  public Inspection inspect(ModelFiles files) {
    return TorchFile.find(files).map(TorchFile::inspect).orElseGet(Inspection.NotMine::new);
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    Optional<TorchFile> found = TorchFile.find(files);
    if (found.isEmpty()) {
      throw new ModelLoadException(
          "directory: "
              + files
              + " (expected: model.pt, or one file of "
              + TorchFile.ENDINGS
              + ")");
    }
    Path path = found.get().path();
    TorchArchive archive = TorchArchive.read(path);
    Optional<ModelConfig> config = ModelConfig.beside(files);
    TorchLibrary.load(options);
    return ModuleLoader.load(path, archive, config, found.get().memoryBoundBytes());
  }

  /** Does nothing: the library stays loaded. */
  @Override
  public void close() {}
}
