package io.salver.lifecycle;

import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.testkit.FakeClock;
import io.salver.testkit.FakeEngine;
import io.salver.testkit.ManualExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The whole of the lifecycle on one thread: time passes and work is done when a test says so. */
final class Rig {
  final FakeClock clock = new FakeClock();
  final FakeEngine engine = new FakeEngine("fake");
  final ManualExecutor inspections = new ManualExecutor();
  final ManualExecutor loads = new ManualExecutor();
  final ManualExecutor unloads = new ManualExecutor();
  final FileSystemSource source = new FileSystemSource(Duration.ofSeconds(-1));
  final List<String> events = new ArrayList<>();
  final Reconciler reconciler;
  Warmup warmup = (files, lease) -> {};
  private final Path root;
  private boolean started;

  /** What the C library says is in use. */
  long mallocBytes;

  /** Whether no task is taken for inspection or load. */
  boolean noThreads;

  Rig(Path root) {
    this(root, LifecycleOptions.DEFAULT);
  }

  Rig(Path root, LifecycleOptions options) {
    this.root = root;
    Time time = new Time(clock, clock::nanoTime);
    this.reconciler =
        new Reconciler(
            options,
            Set.of("fake", "other"),
            new Inspector(List.of(engine), options.quietPeriod(), time),
            new Loader(
                InlineRunner::new,
                List.of(this::warm),
                options.engine(),
                new MallocMeter(() -> mallocBytes),
                time),
            new Reconciler.Executors(
                task -> hand(task, inspections), task -> hand(task, loads), unloads),
            new Recorder(),
            time);
  }

  private void warm(ModelFiles files, ModelLease lease) throws ModelLoadException {
    warmup.warm(files, lease);
  }

  private void hand(Runnable task, ManualExecutor executor) {
    if (noThreads) {
      throw new OutOfMemoryError("no thread");
    }
    executor.execute(task);
  }

  Path base(String model) {
    return root.resolve(model);
  }

  /** Writes a version whose files look as if they had been there for long. */
  Path write(String model, long version, String content) throws IOException {
    return FakeEngine.write(base(model).resolve(Long.toString(version)), content);
  }

  /** Writes a version whose files look as if they had been written now. */
  void writeNow(String model, long version, String content) throws IOException {
    Path directory = write(model, version, content);
    FileTime now = FileTime.from(clock.instant());
    Files.setLastModifiedTime(directory.resolve(FakeEngine.FILE), now);
    Files.setLastModifiedTime(directory, now);
  }

  void remove(String model, long version) throws IOException {
    removeTree(base(model).resolve(Long.toString(version)));
  }

  static void removeTree(Path directory) throws IOException {
    try (var paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  ModelConfig config(String model) {
    return config(model, VersionPolicy.LATEST, Map.of());
  }

  ModelConfig config(String model, VersionPolicy policy, Map<String, Long> labels) {
    return new ModelConfig(model, base(model), "", policy, labels);
  }

  /** Configures, and looks once. */
  Set<String> configure(ModelConfig... models) {
    Set<String> added = reconciler.configure(List.of(models));
    source.configure(List.of(models));
    if (!started) {
      started = true;
      source.start(reconciler);
    }
    source.scanOnce();
    return added;
  }

  /** Looks, and does all that can be done now. */
  void settle() {
    source.scanOnce();
    work();
  }

  /** Does all that can be done now, without looking for versions. */
  void work() {
    do {
      reconciler.reconcileOnce();
    } while (inspections.runAll() | loads.runAll() | unloads.runAll());
  }

  /** Lets time pass in steps of a second, looking and working after each. */
  void pass(Duration time) {
    for (long s = 0; s < time.toSeconds(); s++) {
      clock.advance(Duration.ofSeconds(1));
      settle();
    }
  }

  ModelLease lease(String model) {
    return reconciler.lease(model, VersionSelector.LATEST);
  }

  /** The version that a request for the latest one gets. */
  long serving(String model) {
    try (ModelLease lease = lease(model)) {
      return lease.version().version();
    }
  }

  ModelStatus status(String model) {
    return reconciler.status(model).orElseThrow();
  }

  VersionStatus status(String model, long version) {
    return status(model).versions().stream()
        .filter(v -> v.version() == version)
        .findFirst()
        .orElseThrow();
  }

  Category errorOf(String model, long version) {
    return Objects.requireNonNull(status(model, version).error()).category();
  }

  /** Writes down what happens, as {@code m/1 LOADING}. */
  private final class Recorder implements LifecycleListener {
    @Override
    public void onState(ModelVersion version, VersionState state, String reason) {
      events.add(version + " " + state + (reason.isEmpty() ? "" : " " + reason));
    }

    @Override
    public void onLoaded(ModelVersion version, Duration took, boolean onDemand) {
      events.add(version + " took " + took);
    }

    @Override
    public void onProblem(String model, String problem) {
      events.add(model + ": " + problem);
    }
  }
}
