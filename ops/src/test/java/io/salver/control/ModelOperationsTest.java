package io.salver.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.control.ModelAction.Label;
import io.salver.control.ModelAction.Load;
import io.salver.control.ModelAction.Pin;
import io.salver.control.ModelAction.Reset;
import io.salver.control.ModelAction.RollBack;
import io.salver.control.ModelAction.Unload;
import io.salver.endpoint.FullableStore;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.VersionState;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ModelOperationsTest {
  @TempDir Path root;
  private final FullableStore store = new FullableStore("disk: full");
  private ModelRig rig;

  @BeforeEach
  void setUp() throws IOException {
    ModelRig.write(root);
    rig = new ModelRig(store).start(ModelRig.m(root), ModelRig.lazy(root));
  }

  @AfterEach
  void tearDown() {
    rig.close();
  }

  private Map<String, String> kept() {
    return store.read(view -> view.settings("model/"));
  }

  private VersionState state(String model) {
    return rig.operations.get(model).status().versions().getFirst().state();
  }

  private void assertFails(String model, ModelAction action, Category category, String message) {
    assertThatThrownBy(() -> rig.perform(model, action))
        .hasMessageContaining(message)
        .extracting(e -> ((ServingException) e).category())
        .isEqualTo(category);
  }

  @Test
  void rollsBackToAnOlderVersion() {
    assertThat(rig.latest("m")).isEqualTo(2);
    rig.perform("m", new RollBack(1));
    assertThat(rig.latest("m")).isEqualTo(1);
    assertThat(rig.audited(1)).containsExactly("ann rollback model/m {\"version\":1}: done");
    rig.perform("m", new Reset());
    assertThat(rig.latest("m")).isEqualTo(2);
    assertThat(kept()).isEmpty();
  }

  @Test
  void whatIsRefusedChangesNothingAndIsInTheAuditLog() {
    ModelConfig before = rig.manager.configured("m").orElseThrow();
    String missing = "model m: version 7 (expected: one of [1, 2, 3]; nothing was changed)";
    assertFails("m", new RollBack(7), Category.NOT_FOUND, missing);
    String broken = "model m was not rolled back to version 3: version 3: load failed";
    assertFails("m", new RollBack(3), Category.FAILED_PRECONDITION, broken);
    String label = "not currently available";
    assertFails("m", new Label(Map.of("a", 9L)), Category.FAILED_PRECONDITION, label);
    assertThat(rig.manager.configured("m")).contains(before);
    assertThat(rig.latest("m")).isEqualTo(2);
    assertThat(kept()).isEmpty();
    List<String> audited = rig.audited(5);
    assertThat(audited).hasSize(3);
    assertThat(audited.get(2))
        .isEqualTo("ann rollback model/m {\"version\":7}: refused: " + missing);
    assertThat(audited.get(1)).contains("{\"version\":3}: refused: " + broken);
    assertThat(audited.get(0)).startsWith("ann label model/m {\"labels\":{\"a\":9}}: refused: ");
  }

  @Test
  void labelsAvailableVersionsOnly() {
    rig.perform("m", new Label(Map.of("stable", 2L)));
    assertThat(rig.operations.get("m").status().labels()).containsEntry("stable", 2L);
    rig.perform("m", new Label(Map.of()));
    assertThat(rig.operations.get("m").status().labels()).isEmpty();
  }

  @Test
  void loadsUnloadsAndPins() {
    rig.perform("lazy", new Load());
    assertThat(state("lazy")).isEqualTo(VersionState.AVAILABLE);
    rig.perform("lazy", new Pin(true));
    assertThat(rig.operations.get("lazy").status().pinned()).isTrue();
    assertFails("lazy", new Unload(), Category.FAILED_PRECONDITION, "pinned");
    rig.perform("lazy", new Pin(false));
    assertThat(rig.operations.get("lazy").status().pinned()).isFalse();
    rig.perform("lazy", new Unload());
    assertThat(state("lazy")).isIn(VersionState.UNLOADING, VersionState.NOT_LOADED);
    assertThat(kept()).isEmpty();
    assertThat(rig.operations.list())
        .extracting(shown -> shown.status().name())
        .containsExactly("lazy", "m");
    assertThat(rig.operations.memory().usedBytes()).isPositive();
  }

  @Test
  void aModelThatIsOutIsLoadedByALoadAPinAndAReset() {
    for (ModelAction action : List.of(new Load(), new Pin(true), new Reset())) {
      rig.perform("m", new Unload());
      assertThat(kept().get("model/m")).contains("\"loaded\":false");
      rig.perform("m", action);
      assertThat(rig.latest("m")).isEqualTo(2);
      rig.perform("m", new Reset());
    }
  }

  @Test
  void unknownModelsAreNotFound() {
    assertThatThrownBy(() -> rig.operations.get("x")).hasMessageContaining("model x: not known");
    for (ModelAction action :
        List.of(new Load(), new Unload(), new Pin(true), new RollBack(1), new Reset())) {
      assertFails("x", action, Category.NOT_FOUND, "model x: not known");
    }
  }

  @Test
  void whatCannotBeKeptIsUndone() {
    rig.perform("m", new Label(Map.of("stable", 2L)));
    Map<String, String> kept = kept();
    store.setFull(true);
    assertFails("m", new RollBack(1), Category.UNAVAILABLE, "full");
    assertFails("m", new Label(Map.of()), Category.UNAVAILABLE, "full");
    assertFails("m", new Unload(), Category.UNAVAILABLE, "full");
    assertFails("lazy", new Load(), Category.UNAVAILABLE, "full");
    assertThat(rig.manager.await("m", ModelRig.LIMIT)).isEmpty();
    assertThat(rig.latest("m")).isEqualTo(2);
    assertThat(rig.operations.get("m").status().labels()).containsEntry("stable", 2L);
    assertThat(state("lazy")).isNotEqualTo(VersionState.AVAILABLE);
    store.setFull(false);
    assertThat(kept()).isEqualTo(kept);
  }

  @Test
  void anOperationThatTakesLongHoldsUpNoOtherModel() throws Exception {
    rig.perform("lazy", new Load());
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch unloaded = new CountDownLatch(1);
    rig.engine.onLoad(directory -> {
      loading.countDown();
      await(unloaded);
    });
    try (ExecutorService operator = Executors.newSingleThreadExecutor()) {
      Future<?> rollBack = operator.submit(() -> rig.perform("m", new RollBack(1)));
      loading.await();
      rig.perform("lazy", new Unload());
      assertThat(rollBack.isDone()).isFalse();
      unloaded.countDown();
      rollBack.get();
    }
    assertThat(rig.latest("m")).isEqualTo(1);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
