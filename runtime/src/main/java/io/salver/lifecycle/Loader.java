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
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Brings a version into memory and makes it ready to answer. Thread-safe; slow. */
final class Loader {
  /** Less than this part of what is declared is no measurement of it. */
  private static final long UNSEEN_FRACTION = 8;

  /** What later runs may still allocate, as a part of what is measured. */
  private static final long SLACK_FRACTION = 16;

  private final VersionRunner.Factory runners;
  private final List<Warmup> warmups;
  private final EngineOptions options;

  /** The engines that have loaded: the first load brings the engine's library, too. */
  private final Set<String> started = ConcurrentHashMap.newKeySet();

  private final HeapTrim heap = new HeapTrim();
  private final MallocMeter meter;
  private final Time time;

  Loader(
      VersionRunner.Factory runners,
      List<Warmup> warmups,
      EngineOptions options,
      MallocMeter meter,
      Time time) {
    this.runners = runners;
    this.warmups = List.copyOf(warmups);
    this.options = options;
    this.meter = meter;
    this.time = time;
  }

  /** How a load ended. */
  sealed interface Outcome {
    /**
     * It is in memory.
     *
     * @param memoryBytes what it takes there
     * @param isMeasured whether that was measured, and is not just what its engine declares
     */
    record Loaded(ServedVersion version, long memoryBytes, boolean isMeasured, Duration took)
        implements Outcome {}

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
    MallocMeter.Start start = meter.begin();
    Outcome outcome = tryLoad(id, directory, what);
    OptionalLong measured = meter.end(start);
    boolean isFirst = started.add(what.engine().name());
    return !isFirst
            && outcome instanceof Outcome.Loaded(var version, long declared, _, var took)
            && measured.isPresent()
        ? new Outcome.Loaded(version, memoryBytes(declared, measured.getAsLong()), true, took)
        : outcome;
  }

  /**
   * What a model takes, from what its engine declares and what was measured. An engine whose models
   * take next to nothing from the C library has them elsewhere, and is believed.
   */
  static long memoryBytes(long declared, long measured) {
    return measured >= declared / UNSEEN_FRACTION ? measured + measured / SLACK_FRACTION : declared;
  }

  /** Takes a version out of memory, and gives the memory back to the system. */
  void unload(ServedVersion version) {
    MallocMeter.Start start = meter.begin();
    try {
      version.close();
    } finally {
      OptionalLong unused = meter.end(start);
    }
    heap.run();
    MallocTrim.run();
  }

  private Outcome tryLoad(ModelVersion id, Path directory, VersionRecord.Loadable what) {
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
      return new Outcome.Loaded(
          version,
          version.model().memoryBytes(),
          false,
          Duration.ofNanos(time.nanoTime() - startNs));
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
