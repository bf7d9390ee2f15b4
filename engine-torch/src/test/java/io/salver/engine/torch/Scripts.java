package io.salver.engine.torch;

import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.global.torch;

/** Makes TorchScript archives from source code, as {@code torch.jit.script} does. */
final class Scripts {
  static final TorchEngine ENGINE = new TorchEngine();

  private Scripts() {}

  /** Writes a module with this {@code forward}, and a buffer {@code count} that is 0. */
  static Path write(Path model, String code) throws IOException, ModelLoadException {
    return write(model, code, new long[0][]);
  }

  /** Writes one that was traced with ones of these shapes, if there are any. */
  static Path write(Path model, String code, long[]... traced)
      throws IOException, ModelLoadException {
    TorchLibrary.load(EngineOptions.DEFAULT);
    Path version = Files.createDirectories(model.resolve("1"));
    try (PointerScope scope = new PointerScope()) {
      JitModule module = new JitModule(new QualifiedName("Test"));
      module.register_buffer("count", torch.zeros(1));
      module.define(code);
      if (traced.length > 0) {
        IValueVector inputs = new IValueVector();
        for (long[] shape : traced) {
          inputs.push_back(new IValue(torch.ones(shape)));
        }
        module.store_traced_inputs("forward", inputs);
      }
      module.save(version.resolve("model.pt").toString());
    }
    return version;
  }

  static LoadedModel load(Path version) throws ModelLoadException {
    return ENGINE.load(new ModelFiles(version), EngineOptions.DEFAULT);
  }

  /** Writes and loads one. */
  static LoadedModel load(Path model, String code) throws IOException, ModelLoadException {
    return load(write(model, code));
  }
}
