package io.salver.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.control.ModelAction.Label;
import io.salver.control.ModelAction.Load;
import io.salver.control.ModelAction.Pin;
import io.salver.control.ModelAction.Reset;
import io.salver.control.ModelAction.RollBack;
import io.salver.control.ModelAction.Unload;
import io.salver.endpoint.ControlStore;
import io.salver.endpoint.MemoryStore;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.VersionPolicy;
import io.salver.lifecycle.VersionState;
import io.salver.predict.ServingException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was asked for by request, over restarts and changes of the configuration. */
@Timeout(60)
class DeclaredModelsTest {
  @TempDir Path root;
  private final ControlStore store = new MemoryStore();
  private ModelConfig m;
  private ModelConfig lazy;

  @BeforeEach
  void setUp() throws IOException {
    ModelRig.write(root);
    m = ModelRig.m(root);
    lazy = ModelRig.lazy(root);
  }

  private static VersionState state(ModelRig rig, String model) {
    return rig.operations.get(model).status().versions().getFirst().state();
  }

  @Test
  void aRestartForgetsNothing() {
    try (ModelRig rig = new ModelRig(store).start(m, lazy)) {
      rig.perform("m", new RollBack(1));
      rig.perform("m", new Label(Map.of("stable", 1L)));
      rig.perform("lazy", new Load());
    }
    try (ModelRig rig = new ModelRig(store).start(m, lazy)) {
      assertThat(rig.latest("m")).isEqualTo(1);
      assertThat(rig.operations.get("m").status().labels()).containsEntry("stable", 1L);
      assertThat(rig.operations.get("m").requested().json())
          .hasToString("{\"version\":1,\"labels\":{\"stable\":1}}");
      assertThat(state(rig, "lazy")).isEqualTo(VersionState.AVAILABLE);
      rig.perform("m", new Unload());
      rig.perform("lazy", new Pin(true));
    }
    try (ModelRig rig = new ModelRig(store).start(m, lazy)) {
      assertThat(state(rig, "m")).isEqualTo(VersionState.NOT_LOADED);
      assertThatThrownBy(() -> rig.latest("m")).hasMessageContaining("Latest(m)");
      assertThat(rig.operations.get("lazy").status().pinned()).isTrue();
      rig.perform("m", new Load());
      assertThat(rig.latest("m")).isEqualTo(1);
    }
  }

  @Test
  void aConfigurationThatSaysSomethingElseThanThenIsTheNewerWord() {
    try (ModelRig rig = new ModelRig(store).start(m, lazy)) {
      rig.perform("m", new RollBack(1));
      rig.perform("lazy", new Pin(true));
    }
    ModelConfig labelled = m.withLabels(Map.of("stable", 2L));
    try (ModelRig rig = new ModelRig(store).start(labelled, lazy)) {
      assertThat(rig.latest("m")).isEqualTo(2);
      assertThat(rig.operations.get("m").requested().isNothing()).isTrue();
      assertThat(rig.operations.get("lazy").status().pinned()).isTrue();
      assertThat(rig.audited(1))
          .containsExactly("configuration reset model/m its configuration has changed: done");
    }
    try (ModelRig rig = new ModelRig(store).start(m, lazy)) {
      assertThat(rig.latest("m")).isEqualTo(2);
    }
  }

  @Test
  void whatWasAskedOfAModelThatIsNotConfiguredWaitsForIt() {
    try (ModelRig rig = new ModelRig(store).start(m, lazy)) {
      rig.perform("m", new RollBack(1));
    }
    try (ModelRig rig = new ModelRig(store).start(lazy)) {
      assertThat(rig.operations.list()).hasSize(1);
      rig.declared.serve(m);
      assertThat(rig.manager.await("m", ModelRig.LIMIT)).isEmpty();
      assertThat(rig.latest("m")).isEqualTo(1);
      assertThat(rig.declared.configured("m")).contains(m);
      rig.perform("m", new Unload());
      assertThat(rig.declared.withdraw("m")).isTrue();
      rig.declared.serve(m);
      assertThat(rig.manager.await("m", ModelRig.LIMIT)).isEmpty();
      assertThatThrownBy(() -> rig.latest("m")).hasMessageContaining("Latest(m)");
    }
  }

  @Test
  void aFileThatIsReadAgainLeavesWhatItDoesNotChange() {
    try (ModelRig rig = new ModelRig(store).start(m, lazy)) {
      rig.perform("m", new RollBack(1));
      rig.perform("lazy", new Pin(true));
      ModelConfig all = lazy.withVersions(new VersionPolicy.All());
      assertThat(rig.declared.fromFile().configure(List.of(m, all), ModelRig.LIMIT, () -> {}))
          .isEmpty();
      assertThat(rig.latest("m")).isEqualTo(1);
      assertThat(rig.operations.get("lazy").status().pinned()).isFalse();
    }
  }

  @Test
  void aConfigurationByRequestIsTheNewerWord() {
    try (ModelRig rig = new ModelRig(store).start(m, lazy)) {
      rig.perform("m", new RollBack(1));
      Configurations bob = rig.declared.byRequest("bob");
      assertThat(bob.configure(List.of(m, lazy), ModelRig.LIMIT, () -> {})).isEmpty();
      assertThat(rig.manager.configured("m")).contains(m);
      assertThat(rig.audited(1)).containsExactly("bob reload models m, lazy: done");

      assertThatThrownBy(() -> bob.configure(List.of(m, m), ModelRig.LIMIT, () -> {}))
          .isInstanceOf(ServingException.class);
      assertThat(rig.audited(1).getFirst())
          .startsWith("bob reload models m: refused: Illegal to list model m multiple times");
    }
  }

  @Test
  void aConfigurationThatCannotTakeEffectBesideTheModelsChangesNothing() {
    try (ModelRig rig = new ModelRig(store).start(m, lazy)) {
      rig.perform("m", new RollBack(1));
      assertThatThrownBy(() ->
              rig.declared
                  .byRequest("bob")
                  .configure(
                      List.of(m),
                      ModelRig.LIMIT,
                      () -> {
                        throw ServingException.invalid("no such log");
                      }))
          .hasMessage("no such log");
      assertThat(rig.operations.list()).hasSize(2);
      assertThat(rig.operations.get("m").requested().isNothing()).isFalse();
      assertThat(rig.manager.await("m", ModelRig.LIMIT)).isEmpty();
      assertThat(rig.latest("m")).isEqualTo(1);
      assertThat(rig.audited(1)).containsExactly("bob reload models m: refused: no such log");
    }
  }

  @Test
  void anUnloadThatDoesNotHoldAnyMoreEnds() {
    VersionPolicy both = new VersionPolicy.Specific(new TreeSet<>(List.of(1L, 2L)));
    ModelConfig changed = m.withVersions(both);
    try (ModelRig rig = new ModelRig(store).start(m, lazy)) {
      rig.perform("m", new Unload());
      assertThat(
              rig.declared.fromFile().configure(List.of(changed, lazy), ModelRig.LIMIT, () -> {}))
          .isEmpty();
      assertServed(rig);
      rig.perform("m", new Unload());
      assertThat(
              rig.declared
                  .byRequest("bob")
                  .configure(List.of(changed, lazy), ModelRig.LIMIT, () -> {}))
          .isEmpty();
      assertServed(rig);
      rig.perform("m", new Unload());
      rig.declared.serve(m);
      assertServed(rig);
      rig.declared.unload("m");
      rig.perform("m", new Reset());
      assertServed(rig);
    }
  }

  private static void assertServed(ModelRig rig) {
    assertThat(rig.manager.await("m", ModelRig.LIMIT)).isEmpty();
    assertThat(rig.latest("m")).isEqualTo(2);
  }

  @Test
  void whatCannotBeKeptLeavesEveryModelWhereItIs() {
    try (ModelRig rig = new ModelRig(store).start(m, lazy)) {
      ModelConfig other = new ModelConfig("other", root.resolve("m"), "", m.versions(), Map.of());
      rig.declared.serve(other);
      assertThat(rig.manager.await("other", ModelRig.LIMIT)).isEmpty();
      rig.perform("m", new Unload());
      int loads = rig.engine.loaded().size();
      assertThatThrownBy(() ->
              rig.declared
                  .fromFile()
                  .configure(
                      List.of(lazy),
                      ModelRig.LIMIT,
                      () -> {
                        assertThat(rig.latest("other")).as("not unloaded yet").isEqualTo(2);
                        throw ServingException.invalid("no such log");
                      }))
          .hasMessage("no such log");
      assertThat(rig.manager.await("m", ModelRig.LIMIT)).isEmpty();
      assertThatThrownBy(() -> rig.latest("m")).hasMessageContaining("Latest(m)");
      assertThat(rig.latest("other")).isEqualTo(2);
      assertThat(rig.engine.loaded()).hasSize(loads);
    }
  }

  @Test
  void whatIsKeptAndCannotBeReadIsSaid() {
    store.change(transaction -> transaction.putSetting("model/m", "{\"version\":1}"));
    try (ModelRig rig = new ModelRig(store)) {
      assertThatThrownBy(() -> rig.start(m))
          .isInstanceOf(ServingException.class)
          .hasMessageContaining("{\"version\":1} (expected: what was asked for of a model)");
    }
  }
}
