package io.salver.control;

import io.salver.endpoint.AuditLog;
import io.salver.endpoint.ControlStore;
import io.salver.lifecycle.FileSystemSource;
import io.salver.lifecycle.LifecycleListener;
import io.salver.lifecycle.LifecycleOptions;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.ModelManager;
import io.salver.lifecycle.VersionPolicy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Operations on models, as they are kept: the models have no files, and nothing is waited for.
 * Closing it ends their manager.
 */
public final class RandomModelOperations implements AutoCloseable {
  private static final int MODELS = 3;

  private final ModelManager manager =
      new ModelManager(
          LifecycleOptions.DEFAULT,
          List.of(),
          (id, model) -> {
            throw new AssertionError(id);
          },
          List.of(),
          new FileSystemSource(Duration.ofSeconds(-1)),
          LifecycleListener.NONE);
  private final DeclaredModels models;

  /** Operations on what a store keeps. */
  public RandomModelOperations(ControlStore store, Clock clock) {
    models = new DeclaredModels(manager, store, new AuditLog(store, clock), AllowedStores.NONE);
    models.start(IntStream.range(0, MODELS).mapToObj(RandomModelOperations::config).toList());
  }

  private static ModelConfig config(int number) {
    return new ModelConfig(
            "m" + number, Path.of("/none"), "", VersionPolicy.LATEST, Map.of("a", 1L))
        .withResidence(number == 0, false);
  }

  /** Does one; what it depends on are {@code random} and what is kept. */
  public void run(Random random) {
    DeclaredModels.State before = models.state("m" + random.nextInt(MODELS)).orElseThrow();
    ModelAction action =
        switch (random.nextInt(6)) {
          case 0 -> new ModelAction.Load();
          case 1 -> new ModelAction.Unload();
          case 2 -> new ModelAction.Pin(random.nextBoolean());
          case 3 -> new ModelAction.RollBack(random.nextInt(9));
          case 4 -> new ModelAction.Label(Map.of("b", random.nextLong(9)));
          default -> new ModelAction.Reset();
        };
    models.keep(
        before,
        before.requested().after(action, before.config()),
        new AuditLog.Action("c", action.text(), "model", action.detail()));
  }

  @Override
  public void close() {
    manager.close();
  }
}
