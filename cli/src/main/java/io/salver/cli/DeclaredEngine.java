package io.salver.cli;

import io.salver.cli.config.ConfigException;
import io.salver.cli.config.ModelYaml;
import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.engine.steps.Steps;
import java.util.Map;

/**
 * An engine that loads a version as its {@value ModelYaml#FILE_NAME} says. Where there is no such
 * file it is the engine it wraps.
 */
final class DeclaredEngine implements Engine {
  private final Engine engine;

  /** Wraps {@code engine}, and closes it when it is closed itself. */
  DeclaredEngine(Engine engine) {
    this.engine = engine;
  }

  @Override
  public String name() {
    return engine.name();
  }

  @Override
  public Inspection inspect(ModelFiles files) {
    try {
      ModelYaml yaml = ModelYaml.read(files.directory());
      boolean mine = yaml.engineName().isEmpty() || yaml.engineName().get().equals(name());
      return mine ? engine.inspect(files) : new Inspection.NotMine();
    } catch (ConfigException e) {
      // The engine says whether the files are its own; loading them then says what is wrong.
      return engine.inspect(files);
    }
  }

  @Override
  public Map<String, String> describe(ModelFiles files) throws ModelLoadException {
    return engine.describe(files);
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    ModelYaml yaml;
    try {
      yaml = ModelYaml.read(files.directory());
    } catch (ConfigException e) {
      throw new ModelLoadException(String.valueOf(e.getMessage()), e);
    }
    LoadedModel model = engine.load(files, options);
    if (yaml.preprocess().isEmpty() && yaml.postprocess().isEmpty()) {
      return model;
    }
    try {
      return Steps.around(model, files, yaml.preprocess(), yaml.postprocess());
    } catch (ModelLoadException e) {
      throw new ModelLoadException(
          files.directory().resolve(ModelYaml.FILE_NAME) + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    engine.close();
  }
}
