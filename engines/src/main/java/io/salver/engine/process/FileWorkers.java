package io.salver.engine.process;

import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;

/**
 * Workers in Python by the files that a version has: {@code model.py}, which is run, or {@code
 * model.pkl} or {@code model.joblib}, which a script of Salver's own unpickles and serves.
 */
public final class FileWorkers implements WorkerSpecs {
  private static final String SCRIPT = "model.py";
  private static final List<String> PICKLES = List.of("model.pkl", "model.joblib");

  private final String python;

  /**
   * Workers that are run by {@code python}: a path, or a name that is looked for in {@code PATH}.
   */
  public FileWorkers(String python) {
    this.python = python;
  }

  @Override
  public Optional<WorkerSpec> find(ModelFiles files) throws ModelLoadException {
    return complete(files, WorkerSpec.DEFAULT, false);
  }

  /**
   * A worker of which something else is known already: what it lacks a command for is found by the
   * version's files.
   *
   * @throws ModelLoadException if there is no command, and no file says which
   */
  public WorkerSpec complete(ModelFiles files, WorkerSpec spec) throws ModelLoadException {
    return complete(files, spec, true).orElseThrow();
  }

  private Optional<WorkerSpec> complete(ModelFiles files, WorkerSpec spec, boolean required)
      throws ModelLoadException {
    if (!spec.command().isEmpty() || spec.image().isPresent()) {
      return Optional.of(spec);
    }
    if (Files.isRegularFile(files.resolve(SCRIPT))) {
      return Optional.of(spec.withCommand(List.of(python, SCRIPT)));
    }
    for (String pickle : PICKLES) {
      if (Files.isRegularFile(files.resolve(pickle))) {
        return Optional.of(spec.withCommand(pickled(files, pickle, spec.allowPickle())));
      }
    }
    if (required) {
      throw new ModelLoadException(
          files
              + ": worker: no command (expected: one, or "
              + SCRIPT
              + ", or one of "
              + PICKLES
              + ")");
    }
    return Optional.empty();
  }

  private List<String> pickled(ModelFiles files, String name, boolean allowed)
      throws ModelLoadException {
    if (!allowed) {
      throw new ModelLoadException(
          files
              + ": "
              + name
              + ": a pickle is code, which whoever wrote it has run here (expected: allow_pickle:"
              + " true under worker: in model.yaml, if you trust it)");
    }
    return List.of(python, "-m", PythonHelper.MODULE, name);
  }
}
