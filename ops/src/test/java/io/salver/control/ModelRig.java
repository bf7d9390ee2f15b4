package io.salver.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.batching.ModelRunner;
import io.salver.batching.RunnerConfig;
import io.salver.endpoint.AuditEntry;
import io.salver.endpoint.AuditLog;
import io.salver.endpoint.ControlStore;
import io.salver.lifecycle.FileSystemSource;
import io.salver.lifecycle.LifecycleListener;
import io.salver.lifecycle.LifecycleOptions;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.ModelManager;
import io.salver.lifecycle.VersionPolicy;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.testkit.FakeEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** A server's models over a store, from one start to the end. */
final class ModelRig implements AutoCloseable {
  static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

  final FakeEngine engine = new FakeEngine("fake");
  final ModelManager manager =
      new ModelManager(
          LifecycleOptions.DEFAULT
              .withFileWatching(Duration.ZERO, Duration.ofMillis(10))
              .withRetries(0, Duration.ofMinutes(1)),
          List.of(engine),
          ModelRunner.factory(RunnerConfig.DEFAULT),
          List.of(),
          new FileSystemSource(Duration.ofMillis(20)),
          LifecycleListener.NONE);
  final AuditLog audit;
  final DeclaredModels declared;
  final ModelOperations operations;

  ModelRig(ControlStore store) {
    audit = new AuditLog(store, CLOCK);
    declared = new DeclaredModels(manager, store, audit, AllowedStores.NONE);
    operations = new ModelOperations(manager, declared, audit, LIMIT);
  }

  /** Writes {@code m} with versions 1 and 2 that load and 3 that does not, and {@code lazy}. */
  static void write(Path root) throws IOException {
    FakeEngine.write(root.resolve("m/1"), "ready 10");
    FakeEngine.write(root.resolve("m/2"), "ready 10");
    FakeEngine.write(root.resolve("m/3"), "broken");
    FakeEngine.write(root.resolve("lazy/1"), "ready 10");
  }

  /** Starts it with these, and waits until they are as they are to be. */
  ModelRig start(ModelConfig... models) {
    declared.start(List.of(models));
    Arrays.stream(models)
        .forEach(model -> assertThat(manager.await(model.name(), LIMIT)).isEmpty());
    return this;
  }

  /** The model that is served as version 2. */
  static ModelConfig m(Path root) {
    VersionPolicy two = new VersionPolicy.Specific(new TreeSet<>(List.of(2L)));
    return new ModelConfig("m", root.resolve("m"), "", two, Map.of());
  }

  /** The model on demand. */
  static ModelConfig lazy(Path root) {
    return new ModelConfig("lazy", root.resolve("lazy"), "", VersionPolicy.LATEST, Map.of())
        .withResidence(true, false);
  }

  void perform(String model, ModelAction action) {
    var unused = operations.perform(model, action, "ann");
  }

  /** The version that a request for the latest one gets. */
  long latest(String model) {
    try (ModelLease lease = manager.lease(model, VersionSelector.LATEST)) {
      return lease.version().version();
    }
  }

  /** The newest entries of the audit log, as {@code ann rollback model/m: done}. */
  List<String> audited(int entries) {
    return audit.latest(entries, Long.MAX_VALUE).stream().map(ModelRig::text).toList();
  }

  private static String text(AuditEntry entry) {
    return entry.actor()
        + " "
        + entry.action()
        + " "
        + entry.target()
        + (entry.detail().isEmpty() ? "" : " " + entry.detail())
        + ": "
        + entry.outcome();
  }

  @Override
  public void close() {
    manager.close();
  }
}
