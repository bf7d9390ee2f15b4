package io.salver.lifecycle;

import io.salver.engine.Engine;
import io.salver.engine.Inspection;
import io.salver.engine.ModelFiles;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at the files of a version that is not loaded, and says whether it can be. Thread-safe. */
final class Inspector {
  private final List<Engine> engines;
  private final Duration quiet;
  private final Time time;

  Inspector(List<Engine> engines, Duration quiet, Time time) {
    this.engines = List.copyOf(engines);
    this.quiet = quiet;
    this.time = time;
  }

  /**
   * What a look at a version's files found.
   *
   * @param watch null if the directory could not be read
   */
  record Look(@Nullable FileWatch watch, Verdict verdict) {}

  /** What follows from it. */
  sealed interface Verdict {
    /** They may still be on their way. */
    record Waiting(String reason) implements Verdict {}

    /** They are complete for all one can see, and cannot be loaded. */
    record Hopeless(String reason) implements Verdict {}

    /** They can be loaded. */
    record Ready(Engine engine, long memoryBoundBytes) implements Verdict {}
  }

  /**
   * Looks. May block on the file system. Whatever goes wrong is in the verdict.
   *
   * @param platform the name of the engine to ask, or empty to ask all in order
   * @param before what the look before this one saw, or null
   */
  Look look(Path directory, String platform, @Nullable FileWatch before) {
    try {
      Fingerprint files = Fingerprint.of(directory);
      long nowNs = time.nanoTime();
      FileWatch watch = before == null ? new FileWatch(files, nowNs) : before.seen(files, nowNs);
      return new Look(watch, verdict(new ModelFiles(directory), platform, watch));
    } catch (NoSuchFileException e) {
      return new Look(null, new Verdict.Waiting("waiting for files: " + e.getFile() + " is gone"));
    } catch (IOException | RuntimeException | Error e) {
      return new Look(
          null, new Verdict.Waiting("waiting for files: " + directory + " cannot be read: " + e));
    }
  }

  private Verdict verdict(ModelFiles files, String platform, FileWatch watch) {
    Instant now = time.now();
    boolean stable = watch.isStable(now, time.nanoTime(), quiet);
    for (Engine engine : engines) {
      if (platform.isEmpty() || platform.equals(engine.name())) {
        switch (inspect(engine, files)) {
          case Inspection.NotMine() -> {}
          case Inspection.Incomplete(String reason) -> {
            return new Verdict.Waiting("waiting for files: " + reason);
          }
          case Inspection.Refused(String reason) -> {
            return stable ? new Verdict.Hopeless(reason) : unstable(watch);
          }
          case Inspection.Ready(long bound) -> {
            return stable ? new Verdict.Ready(engine, bound) : unstable(watch);
          }
        }
      }
    }
    return stable ? new Verdict.Hopeless(unrecognised(files, platform, watch)) : unstable(watch);
  }

  private static Inspection inspect(Engine engine, ModelFiles files) {
    try {
      return engine.inspect(files);
    } catch (RuntimeException | Error e) {
      return new Inspection.Incomplete("engine " + engine.name() + " cannot read them: " + e);
    }
  }

  private Verdict unstable(FileWatch watch) {
    return new Verdict.Waiting(
        "waiting for files: last changed at "
            + watch.files().newest()
            + " (expected: no change for "
            + quiet.toMillis()
            + " ms)");
  }

  private String unrecognised(ModelFiles files, String platform, FileWatch watch) {
    List<String> asked =
        platform.isEmpty() ? engines.stream().map(Engine::name).toList() : List.of(platform);
    List<String> names =
        watch.files().entries().stream()
            .map(Fingerprint.Entry::name)
            .filter(name -> !name.isEmpty())
            .limit(10)
            .toList();
    return "no engine recognises the files in "
        + files.directory()
        + ": "
        + names
        + " (expected: a model for one of the engines "
        + asked
        + ")";
  }
}
