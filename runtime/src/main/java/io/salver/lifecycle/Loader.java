package io.salver.lifecycle;

import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** Brings a version into memory and makes it ready to answer. Thread-safe; slow. */
final class Loader {
  private final VersionRunner.Factory runners;
  private final List<Warmup> warmups;
  private final EngineOptions options;
  private final Time time;

  Loader(VersionRunner.Factory runners, List<Warmup> warmups, EngineOptions options, Time time) {
    this.runners = runners;
    this.warmups = List.copyOf(warmups);
    this.options = options;
    this.time = time;
  }

  /** How a load ended. */
  sealed interface Outcome {
    record Loaded(ServedVersion version, Duration took) implements Outcome {}

    /** The files are not those that were looked at, or changed while they were read. */
    record FilesChanged() implements Outcome {}

    /**
     * It failed.
     *
     * @param forGood whether the same files will fail again
     */
    record Failed(ServingException cause, boolean forGood) implements Outcome {}
  }

  /** Loads and warms up. Whatever goes wrong is in the outcome, and nothing is left in memory. */
  Outcome load(ModelVersion id, Path directory, VersionRecord.Loadable what) {
    long startNs = time.nanoTime();
    try {
      if (changed(directory, what.files())) {
        return new Outcome.FilesChanged();
      }
      ServedVersion version = open(id, new ModelFiles(directory), what);
      if (changed(directory, what.files())) {
        version.close();
        return new Outcome.FilesChanged();
      }
      return new Outcome.Loaded(version, Duration.ofNanos(time.nanoTime() - startNs));
    } catch (ModelLoadException e) {
      return new Outcome.Failed(cause(Category.DATA_LOSS, e), true);
    } catch (OutOfMemoryError e) {
      return new Outcome.Failed(cause(Category.RESOURCE_EXHAUSTED, e), false);
    } catch (Throwable e) {
      return new Outcome.Failed(cause(Category.INTERNAL, e), false);
    }
  }

  private static ServingException cause(Category category, Throwable e) {
    String message = e instanceof ModelLoadException ? e.getMessage() : null;
    return new ServingException(category, message == null ? e.toString() : message, e);
  }

  private ServedVersion open(ModelVersion id, ModelFiles files, VersionRecord.Loadable what)
      throws ModelLoadException {
    LoadedModel model = what.engine().load(files, options);
    VersionRunner runner;
    try {
      runner = runners.create(id, files, model);
    } catch (Throwable t) {
      model.close();
      throw t;
    }
    ServedVersion version = new ServedVersion(id, what.engine().name(), model, runner);
    try {
      warm(files, version);
      version.warmed();
      runner.statistics().reset();
      return version;
    } catch (Throwable t) {
      version.close();
      throw t;
    }
  }

  private void warm(ModelFiles files, ServedVersion version) throws ModelLoadException {
    for (Warmup warmup : warmups) {
      try (ModelLease lease = Objects.requireNonNull(version.tryLease())) {
        warmup.warm(files, lease);
      }
    }
  }

  private static boolean changed(Path directory, Fingerprint expected) {
    try {
      return !Fingerprint.of(directory).sameFiles(expected);
    } catch (IOException e) {
      return true;
    }
  }
}
