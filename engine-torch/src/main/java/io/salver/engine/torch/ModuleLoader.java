package io.salver.engine.torch;

import io.salver.engine.LoadedModel;
import io.salver.engine.ModelLoadException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Method;
import org.bytedeco.pytorch.MethodOptional;
import org.bytedeco.pytorch.global.torch;

/** Has libtorch read an archive that has been checked. */
final class ModuleLoader {
  private static final Logger LOG = System.getLogger(ModuleLoader.class.getName());

  private ModuleLoader() {}

  /**
   * Loads it onto the CPU, in evaluation mode.
   *
   * @throws ModelLoadException if libtorch refuses it, or it has no {@code forward} that can be run
   */
  static LoadedModel load(
      Path path, TorchArchive archive, Optional<ModelConfig> config, long memoryBytes)
      throws ModelLoadException {
    try (PointerScope scope = new PointerScope()) {
      DeviceOptional device = new DeviceOptional(new Device("cpu"));
      JitModule module = torch.load(path.toString(), device, false);
      module.eval();
      MethodOptional found = module.find_method("forward");
      if (!found.has_value()) {
        throw new ModelLoadException("no method forward (expected: one)");
      }
      Method forward = found.get();
      Optional<Example> example = archive.traced() ? example(path, device) : Optional.empty();
      ForwardSchema schema = ForwardSchema.read(forward.function().getSchema());
      try {
        ModelPorts ports = ModelPorts.of(schema, config, example);
        module.retainReference();
        return new TorchModel(module, schema, ports, !archive.assignsAttributes(), memoryBytes);
      } catch (ModelLoadException | RuntimeException e) {
        schema.close();
        throw e;
      }
    } catch (ModelLoadException e) {
      throw new ModelLoadException(path + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      throw new ModelLoadException(path + ": libtorch: " + TorchErrors.message(e), e);
    }
  }

  /** What cannot be run with ones says nothing of itself, and may be declared. */
  private static Optional<Example> example(Path path, DeviceOptional device) {
    InferenceMode mode = new InferenceMode(true);
    try {
      return Example.run(path, device);
    } catch (RuntimeException e) {
      LOG.log(
          Level.WARNING,
          "{0}: not run with what it was traced with: {1}",
          path,
          TorchErrors.message(e));
      return Optional.empty();
    } finally {
      mode.close();
    }
  }
}
