package io.salver.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.ModelFiles;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.testkit.FakeEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ModelOperationsTest {
  @TempDir Path root;
  private final FakeEngine engine = new FakeEngine("fake");
  private ModelManager manager;
  private ModelOperations operations;

  @BeforeEach
  void setUp() throws IOException {
    FakeEngine.write(root.resolve("m/1"), "ready 10");
    FakeEngine.write(root.resolve("m/2"), "ready 10");
    FakeEngine.write(root.resolve("m/3"), "broken");
    FakeEngine.write(root.resolve("lazy/1"), "ready 10");
    manager =
        new ModelManager(
            LifecycleOptions.DEFAULT
                .withFileWatching(Duration.ZERO, Duration.ofMillis(10))
                .withRetries(0, Duration.ofMinutes(1)),
            List.of(engine),
            (id, model) -> new InlineRunner(id, model),
            List.of(ModelOperationsTest::doNothing),
            new FileSystemSource(Duration.ofMillis(50)),
            LifecycleListener.NONE);
    operations = new ModelOperations(manager, manager, Duration.ofSeconds(30));
    ModelConfig m =
        new ModelConfig(
            "m",
            root.resolve("m"),
            "",
            new VersionPolicy.Specific(new TreeSet<>(List.of(2L))),
            Map.of());
    ModelConfig lazy =
        new ModelConfig("lazy", root.resolve("lazy"), "", VersionPolicy.LATEST, Map.of())
            .withResidence(true, false);
    manager.start(List.of(m, lazy));
    assertThat(manager.await("m", Duration.ofSeconds(30))).isEmpty();
    assertThat(manager.await("lazy", Duration.ofSeconds(30))).isEmpty();
  }

  private static void doNothing(ModelFiles files, ModelLease lease) {}

  @AfterEach
  void tearDown() {
    manager.close();
  }

  private long latest() {
    try (ModelLease lease = manager.lease("m", VersionSelector.LATEST)) {
      return lease.version().version();
    }
  }

  @Test
  void rollsBackToAnOlderVersion() {
    assertThat(latest()).isEqualTo(2);
    operations.rollBack("m", 1);
    assertThat(latest()).isEqualTo(1);
  }

  @Test
  void aRollbackToAMissingVersionChangesNothing() {
    ModelConfig before = manager.configured("m").orElseThrow();
    assertThatThrownBy(() -> operations.rollBack("m", 7))
        .hasMessage("model m: version 7 (expected: one of [1, 2, 3]; nothing was changed)")
        .extracting(e -> ((ServingException) e).category())
        .isEqualTo(Category.NOT_FOUND);
    assertThat(manager.configured("m")).contains(before);
    assertThat(latest()).isEqualTo(2);
  }

  @Test
  void aRollbackToABrokenVersionChangesNothing() {
    ModelConfig before = manager.configured("m").orElseThrow();
    assertThatThrownBy(() -> operations.rollBack("m", 3))
        .hasMessageContaining("model m was not rolled back to version 3: version 3: load failed")
        .hasMessageContaining("(nothing was changed)")
        .extracting(e -> ((ServingException) e).category())
        .isEqualTo(Category.FAILED_PRECONDITION);
    assertThat(manager.configured("m")).contains(before);
    assertThat(latest()).isEqualTo(2);
  }

  @Test
  void labelsAvailableVersionsOnly() {
    assertThat(operations.label("m", Map.of("stable", 2L)).labels()).containsEntry("stable", 2L);
    assertThatThrownBy(() -> operations.label("m", Map.of("stable", 9L)))
        .hasMessageContaining("not currently available");
    assertThat(operations.get("m").labels()).containsEntry("stable", 2L);
    assertThat(operations.label("m", Map.of()).labels()).isEmpty();
  }

  @Test
  void loadsUnloadsAndPins() {
    assertThat(operations.load("lazy").versions().getFirst().state())
        .isEqualTo(VersionState.AVAILABLE);
    assertThat(operations.pin("lazy", true).pinned()).isTrue();
    assertThatThrownBy(() -> operations.unload("lazy")).hasMessageContaining("pinned");
    assertThat(operations.pin("lazy", false).pinned()).isFalse();
    assertThat(operations.unload("lazy").versions().getFirst().state())
        .isIn(VersionState.UNLOADING, VersionState.NOT_LOADED);
    assertThat(operations.list()).extracting(ModelStatus::name).containsExactly("lazy", "m");
    assertThat(operations.memory().usedBytes()).isPositive();
  }

  @Test
  void unknownModelsAreNotFound() {
    assertThatThrownBy(() -> operations.get("x")).hasMessageContaining("model x: not known");
    assertThatThrownBy(() -> operations.load("x")).hasMessageContaining("model x: not known");
    assertThatThrownBy(() -> operations.unload("x")).hasMessageContaining("model x: not known");
    assertThatThrownBy(() -> operations.pin("x", true)).hasMessageContaining("model x: not known");
    assertThatThrownBy(() -> operations.rollBack("x", 1)).hasMessageContaining("x: not known");
    assertThatThrownBy(() -> operations.label("x", Map.of())).hasMessageContaining("x: not known");
  }
}
