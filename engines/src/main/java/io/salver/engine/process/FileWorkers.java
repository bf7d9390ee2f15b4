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
  /** The Python that is looked for in {@code PATH}. */
  public static final String PYTHON = "python3";

  private static final String SCRIPT = "model.py";
  private static final List<String> PICKLES = List.of("model.pkl", "model.joblib");

  /** Workers of which nothing is known but their files. */
  public FileWorkers() {}

  @Override
  public Optional<WorkerSpec> find(ModelFiles files) throws ModelLoadException {
    return find(files, WorkerSpec.DEFAULT, PYTHON);
  }

  /**
   * The worker for a version by its files.
   *
   * @param spec what is known of it already, with a command or without
   * @param python runs the files: a path, or a name that is looked for in {@code PATH}
   * @return empty if there is no command, and no file says which
   * @throws ModelLoadException if the version's file is a pickle, and is not allowed, or there are
   *     to be more connections than the file's helper opens
   */
  public static Optional<WorkerSpec> find(ModelFiles files, WorkerSpec spec, String python)
      throws ModelLoadException {
    if (!spec.command().isEmpty() || spec.image().isPresent()) {
      return Optional.of(spec);
    }
    if (Files.isRegularFile(files.resolve(SCRIPT))) {
      requireOneConnection(spec);
      return Optional.of(spec.withCommand(List.of(python, SCRIPT)));
    }
    for (String pickle : PICKLES) {
      if (Files.isRegularFile(files.resolve(pickle))) {
        requireAllowed(spec.allowPickle(), files, pickle);
        requireOneConnection(spec);
        return Optional.of(spec.withCommand(List.of(python, "-m", PythonHelper.MODULE, pickle)));
      }
    }
    return Optional.empty();
  }

  private static void requireOneConnection(WorkerSpec spec) throws ModelLoadException {
    if (spec.connections() > 1 && spec.protocol().equals(WorkerSpec.SALVER)) {
      throw new ModelLoadException(
          "worker.connections: %d (expected: 1, as %s opens one)"
              .formatted(spec.connections(), PythonHelper.MODULE));
    }
  }

  private static void requireAllowed(boolean allowed, ModelFiles files, String pickle)
      throws ModelLoadException {
    if (!allowed) {
      throw new ModelLoadException(
          files
              + ": "
              + pickle
              + ": a pickle is code, which is run when it is loaded (expected: \"worker:"
              + " {allow_pickle: true}\" in model.yaml, if you trust whoever wrote it)");
    }
  }
}
