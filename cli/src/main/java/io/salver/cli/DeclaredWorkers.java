package io.salver.cli;

import io.salver.cli.config.ConfigException;
import io.salver.cli.config.ModelYaml;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.engine.process.FileWorkers;
import io.salver.engine.process.WorkerSpec;
import java.util.Optional;

/** The workers that versions declare in their {@value ModelYaml#FILE_NAME}, or by their files. */
final class DeclaredWorkers {
  private DeclaredWorkers() {}

  /** The worker that serves a version. */
  static Optional<WorkerSpec> serving(ModelFiles files) throws ModelLoadException {
    ModelYaml yaml = read(files);
    if (yaml.isolate()) {
      return Optional.empty();
    }
    WorkerSpec known = yaml.worker().orElse(WorkerSpec.DEFAULT);
    Optional<WorkerSpec> found = FileWorkers.find(files, known, yaml.python());
    if (found.isEmpty() && yaml.worker().isPresent()) {
      throw new ModelLoadException(
          files.directory().resolve(ModelYaml.FILE_NAME)
              + ": worker: no command (expected: command, image, or a model.py, model.pkl or"
              + " model.joblib beside it)");
    }
    return found;
  }

  /** How the engine of a version is kept apart, if it is to be. */
  static Optional<WorkerSpec> isolated(ModelFiles files) throws ModelLoadException {
    ModelYaml yaml = read(files);
    return yaml.isolate()
        ? Optional.of(yaml.worker().orElse(WorkerSpec.DEFAULT))
        : Optional.empty();
  }

  private static ModelYaml read(ModelFiles files) throws ModelLoadException {
    try {
      return ModelYaml.read(files.directory());
    } catch (ConfigException e) {
      throw new ModelLoadException(String.valueOf(e.getMessage()), e);
    }
  }
}
