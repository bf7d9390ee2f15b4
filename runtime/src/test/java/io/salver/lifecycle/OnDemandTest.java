package io.salver.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnDemandTest {
  /** Room for two models of 40 bytes, not three. */
  private static final long BUDGET_BYTES = 100;

  @TempDir Path root;
  private Rig rig;

  @BeforeEach
  void setUp() {
    rig = rig(OnDemandOptions.DEFAULT);
  }

  private Rig rig(OnDemandOptions options) {
    return new Rig(
        root,
        LifecycleOptions.DEFAULT
            .withMemoryBudgetBytes(BUDGET_BYTES)
            .withRetries(2, Duration.ofSeconds(10))
            .withOnDemand(options));
  }

  private ModelConfig onDemand(String model) {
    return rig.config(model).withResidence(true, false);
  }

  /** Models of 40 bytes, registered on demand. */
  private void register(String... models) throws IOException {
    for (String model : models) {
      rig.write(model, 1, "ready 40");
    }
    rig.configure(List.of(models).stream().map(this::onDemand).toArray(ModelConfig[]::new));
    rig.work();
  }

  private Waiter ask(String model) {
    return ask(model, VersionSelector.LATEST);
  }

  private Waiter ask(String model, VersionSelector selector) {
    Waiter waiter = new Waiter();
    @Nullable ModelLease lease = rig.reconciler.lease(model, selector, waiter);
    if (lease != null) {
      waiter.leased(lease);
    }
    return waiter;
  }

  /** Asks, has everything done that can be, and lets the lease go. */
  private void use(String model) {
    Waiter waiter = ask(model);
    rig.work();
    waiter.lease().close();
    rig.clock.advance(Duration.ofSeconds(1));
    rig.reconciler.reconcileOnce();
  }

  private VersionState state(String model) {
    return rig.status(model, 1).state();
  }

  @Test
  void aRegisteredModelIsNotLoadedNorLookedAtUntilItIsAskedFor() throws IOException {
    register("a", "b");

    assertThat(rig.engine.loaded()).isEmpty();
    assertThat(rig.inspections.size()).isZero();
    assertThat(rig.reconciler.isSettled()).isTrue();
    assertThat(rig.status("a", 1).state()).isEqualTo(VersionState.NOT_LOADED);
    assertThat(rig.status("a").reason()).isEqualTo("version 1: not loaded (on demand)");
    assertThat(rig.status("a").onDemand()).isTrue();
    assertThatThrownBy(() -> rig.lease("a"))
        .hasMessage("model a is on demand, and being loaded (expected: another try later)")
        .extracting(e -> ((ServingException) e).category())
        .isEqualTo(Category.UNAVAILABLE);
    rig.work();
    assertThat(rig.serving("a")).isEqualTo(1);
  }

  @Test
  void aRequestWaitsUntilTheModelIsLoadedAndGetsIt() throws IOException {
    register("a");
    Waiter first = ask("a");
    Waiter second = ask("a", new VersionSelector.Exact(1));
    assertThat(first.waits()).isTrue();
    rig.work();

    assertThat(first.lease().version().version()).isEqualTo(1);
    assertThat(second.lease().version().version()).isEqualTo(1);
    assertThat(rig.engine.loaded()).hasSize(1);
    assertThat(rig.reconciler.onDemandStatistics().coldHits()).isEqualTo(2);
    assertThat(rig.reconciler.onDemandStatistics().loads()).isEqualTo(1);
    assertThat(ask("a").lease().version().version()).isEqualTo(1);
    assertThat(rig.reconciler.onDemandStatistics().coldHits()).isEqualTo(2);
  }

  @Test
  void theLeastRecentlyUsedModelMakesRoom() throws IOException {
    register("a", "b", "c");
    use("a");
    use("b");
    use("a");
    use("c");

    assertThat(state("b")).isEqualTo(VersionState.NOT_LOADED);
    assertThat(state("a")).isEqualTo(VersionState.AVAILABLE);
    assertThat(state("c")).isEqualTo(VersionState.AVAILABLE);
    assertThat(rig.reconciler.onDemandStatistics().evictions()).isEqualTo(1);
    assertThat(rig.reconciler.usedBytes()).isEqualTo(80);
    use("b");
    assertThat(state("a")).isEqualTo(VersionState.NOT_LOADED);
  }

  @Test
  void whatALoadAllocatesCountsInPlaceOfWhatWasDeclaredButForAnEnginesFirst() throws IOException {
    register("a", "b", "c");
    rig.engine.onLoad(directory -> rig.mallocBytes += 16);
    use("a");
    assertThat(rig.reconciler.usedBytes()).isEqualTo(40);
    use("b");
    assertThat(rig.reconciler.usedBytes()).isEqualTo(57);
    rig.engine.onLoad(directory -> rig.mallocBytes += 3);
    use("c");
    assertThat(rig.reconciler.usedBytes()).isEqualTo(97);
  }

  @Test
  void whatWasMeasuredHoldsForLaterLoadsThatAreNotButOnlyWithTheSameFiles() throws IOException {
    register("a", "b");
    use("a");
    rig.engine.onLoad(directory -> rig.mallocBytes += 16);
    use("b");
    assertThat(rig.reconciler.usedBytes()).isEqualTo(57);

    rig.engine.onLoad(directory -> {});
    rig.reconciler.unload("b");
    rig.work();
    use("b");
    assertThat(rig.reconciler.usedBytes()).isEqualTo(57);

    rig.reconciler.unload("b");
    rig.work();
    rig.write("b", 1, "ready 41");
    use("b");
    assertThat(rig.reconciler.usedBytes()).isEqualTo(81);
  }

  @Test
  void aModelThatTakesMoreThanItDeclaredMakesOthersGo() throws IOException {
    register("a", "b", "c");
    use("a");
    use("b");
    rig.engine.onLoad(directory -> rig.mallocBytes += 80);
    use("c");

    assertThat(state("c")).isEqualTo(VersionState.AVAILABLE);
    assertThat(state("a")).isEqualTo(VersionState.NOT_LOADED);
    assertThat(state("b")).isEqualTo(VersionState.NOT_LOADED);
    assertThat(rig.reconciler.usedBytes()).isEqualTo(85);
  }

  @Test
  void aModelInUseIsNeverUnloaded() throws IOException {
    register("a", "b", "c");
    Waiter a = ask("a");
    Waiter b = ask("b");
    rig.work();
    Waiter c = ask("c");
    rig.work();

    assertThat(c.waits()).isTrue();
    assertThat(state("a")).isEqualTo(VersionState.AVAILABLE);
    assertThat(state("b")).isEqualTo(VersionState.AVAILABLE);
    b.lease().close();
    rig.work();
    assertThat(c.lease().version().model()).isEqualTo("c");
    assertThat(state("b")).isEqualTo(VersionState.NOT_LOADED);
    a.lease().close();
    c.lease().close();
  }

  @Test
  void aPinnedModelIsLoadedAtOnceAndNeverMakesRoom() throws IOException {
    rig.write("a", 1, "ready 40");
    rig.write("b", 1, "ready 40");
    rig.write("c", 1, "ready 40");
    rig.configure(rig.config("a").withResidence(true, true), onDemand("b"), onDemand("c"));
    rig.work();
    assertThat(state("a")).isEqualTo(VersionState.AVAILABLE);

    use("b");
    use("c");
    assertThat(state("a")).isEqualTo(VersionState.AVAILABLE);
    assertThat(state("b")).isEqualTo(VersionState.NOT_LOADED);
    assertThat(rig.status("a").pinned()).isTrue();
  }

  @Test
  void aModelThatCanNeverFitIsRefusedWithTheNumbersAndUnloadsNobody() throws IOException {
    register("a", "b");
    use("a");
    rig.write("huge", 1, "ready 101");
    rig.configure(onDemand("a"), onDemand("b"), onDemand("huge"));
    rig.work();
    Waiter huge = ask("huge");
    rig.work();

    assertThat(huge.reason().category()).isEqualTo(Category.RESOURCE_EXHAUSTED);
    assertThat(huge.reason())
        .hasMessageContaining("model huge cannot be loaded")
        .hasMessageContaining("101 bytes needed beside 40 in use (expected: at most 100 together)");
    assertThat(state("a")).isEqualTo(VersionState.AVAILABLE);
  }

  @Test
  void whatPinnedModelsLeaveIsWhatOthersMayHave() throws IOException {
    rig.write("a", 1, "ready 70");
    rig.write("b", 1, "ready 40");
    rig.configure(rig.config("a").withResidence(true, true), onDemand("b"));
    rig.work();
    Waiter b = ask("b");
    rig.work();

    assertThat(b.reason().category()).isEqualTo(Category.RESOURCE_EXHAUSTED);
  }

  @Test
  void aModelThatStaysLoadedTakesTheRoomOfOneOnDemand() throws IOException {
    register("a", "b");
    use("a");
    use("b");
    rig.write("c", 1, "ready 40");
    rig.configure(onDemand("a"), onDemand("b"), rig.config("c"));
    rig.work();

    assertThat(state("c")).isEqualTo(VersionState.AVAILABLE);
    assertThat(state("a")).isEqualTo(VersionState.NOT_LOADED);
  }

  @Test
  void whoeverAskedFirstGetsTheFirstRoomEvenIfItNeedsMore() throws IOException {
    register("a", "b");
    rig.write("big", 1, "ready 80");
    rig.write("small", 1, "ready 30");
    rig.configure(onDemand("a"), onDemand("b"), onDemand("big"), onDemand("small"));
    rig.work();
    Waiter a = ask("a");
    Waiter b = ask("b");
    rig.work();
    Waiter big = ask("big");
    rig.work();
    Waiter small = ask("small");
    rig.work();
    assertThat(big.waits()).isTrue();
    assertThat(small.waits()).isTrue();

    a.lease().close();
    rig.work();
    assertThat(small.waits()).isTrue();
    assertThat(state("a")).isEqualTo(VersionState.AVAILABLE);
    b.lease().close();
    rig.work();
    big.lease().close();
    rig.work();
    small.lease().close();
  }

  @Test
  void aModelThatCannotBeLoadedSaysWhyToAllThatWait() throws IOException {
    rig.write("m", 1, "broken");
    rig.configure(onDemand("m"));
    rig.work();
    Waiter first = ask("m");
    Waiter second = ask("m");
    rig.work();

    assertThat(first.reason().category()).isEqualTo(Category.UNAVAILABLE);
    assertThat(first.reason())
        .hasMessageContaining("model m cannot be loaded: version 1: load failed (try 1 of 3)")
        .hasMessageContaining("broken (expected: ready)");
    assertThat(second.reason()).hasMessage(first.reason().getMessage());
    Waiter third = ask("m");
    rig.work();
    assertThat(third.reason()).hasMessageContaining("try 1 of 3");
    assertThat(rig.reconciler.onDemandStatistics().refusals()).isEqualTo(3);
  }

  @Test
  void aModelThatFailedIsTriedAnewWhenItIsAskedForLater() throws IOException {
    rig.write("m", 1, "broken");
    rig.configure(onDemand("m"));
    rig.work();
    Waiter first = ask("m");
    rig.work();
    assertThat(first.reason()).hasMessageContaining("broken");
    rig.write("m", 1, "ready 40");
    rig.pass(Duration.ofSeconds(11));
    Waiter second = ask("m");
    rig.work();

    assertThat(second.lease().version().version()).isEqualTo(1);
  }

  @Test
  void noFilesIsNotFoundAndSaysWhereTheyWereLookedFor() throws IOException {
    register("a");
    rig.configure(onDemand("a"), onDemand("none"));
    rig.work();
    Waiter none = ask("none");
    rig.work();

    assertThat(none.reason().category()).isEqualTo(Category.NOT_FOUND);
    assertThat(none.reason()).hasMessageContaining("Could not find base path");
  }

  @Test
  void versionsAndLabelsThatDoNotExistAreRefusedAsElsewhere() throws IOException {
    rig.write("m", 3, "ready 40");
    rig.configure(
        rig.config("m", VersionPolicy.LATEST, Map.of("stable", 3L)).withResidence(true, false));
    rig.work();

    Waiter other = ask("m", new VersionSelector.Exact(2));
    Waiter unknown = ask("m", new VersionSelector.Labelled("canary"));
    Waiter stable = ask("m", new VersionSelector.Labelled("stable"));
    rig.work();
    assertThat(other.reason()).hasMessage("Servable not found for request: Specific(m, 2)");
    assertThat(unknown.reason()).hasMessage("Unrecognized servable version label: canary");
    assertThat(stable.lease().version().version()).isEqualTo(3);
    assertThatThrownBy(() -> ask("nobody"))
        .hasMessage("Servable not found for request: Latest(nobody)");
  }

  @Test
  void noMoreRequestsWaitForAModelThanMay() throws IOException {
    rig = rig(new OnDemandOptions(2, Duration.ofMinutes(1), false));
    register("a");
    Waiter first = ask("a");
    Waiter second = ask("a");
    assertThatThrownBy(() -> ask("a"))
        .hasMessage("model a: 2 requests wait for it to be loaded (expected: at most 2)")
        .extracting(e -> ((ServingException) e).category())
        .isEqualTo(Category.RESOURCE_EXHAUSTED);

    second.gone = true;
    Waiter third = ask("a");
    rig.work();
    first.lease().close();
    third.lease().close();
    assertThat(second.waits()).isTrue();
  }

  @Test
  void noRequestWaitsForEver() throws IOException {
    rig = rig(new OnDemandOptions(10, Duration.ofSeconds(5), false));
    rig.write("m", 1, "incomplete");
    rig.configure(onDemand("m"));
    rig.work();
    Waiter waiter = ask("m");
    rig.pass(Duration.ofSeconds(4));
    assertThat(waiter.waits()).isTrue();
    rig.pass(Duration.ofSeconds(2));

    assertThat(waiter.reason().category()).isEqualTo(Category.UNAVAILABLE);
    assertThat(waiter.reason())
        .hasMessageContaining("not loaded within 5000 ms")
        .hasMessageContaining("weights.bin is missing");
  }

  @Test
  void aModelThatNobodyWaitsForAnyMoreIsNotLoaded() throws IOException {
    rig.write("m", 1, "incomplete");
    rig.configure(onDemand("m"));
    rig.work();
    Waiter waiter = ask("m");
    rig.work();
    waiter.gone = true;
    rig.pass(Duration.ofSeconds(12));
    rig.write("m", 1, "ready");
    rig.pass(Duration.ofSeconds(5));

    assertThat(rig.engine.loaded()).isEmpty();
    assertThat(state("m")).isEqualTo(VersionState.NOT_LOADED);
  }

  @Test
  void aModelThatGoesFromTheConfigurationRefusesThoseWhoWait() throws IOException {
    register("a", "b");
    Waiter waiter = ask("a");
    rig.configure(onDemand("b"));
    rig.work();

    assertThat(waiter.reason().category()).isEqualTo(Category.NOT_FOUND);
  }

  @Test
  void anOperatorLoadsAndUnloads() throws IOException {
    register("a");
    rig.reconciler.load("a");
    rig.work();
    assertThat(rig.serving("a")).isEqualTo(1);
    rig.reconciler.unload("a");
    rig.work();
    assertThat(state("a")).isEqualTo(VersionState.NOT_LOADED);
    use("a");
    assertThat(state("a")).isEqualTo(VersionState.AVAILABLE);
    assertThatThrownBy(() -> rig.reconciler.load("b"))
        .hasMessage("model b: not known (expected: a configured model)");
  }

  @Test
  void aModelThatStaysLoadedIsUnloadedByAnOperatorUntilItIsLoadedAgain() throws IOException {
    rig.write("m", 1, "ready 40");
    rig.configure(rig.config("m"));
    rig.work();
    rig.reconciler.unload("m");
    rig.work();
    rig.pass(Duration.ofSeconds(5));

    assertThat(rig.status("m", 1).reason()).isEqualTo("unloaded by request");
    assertThatThrownBy(() -> ask("m")).hasMessage("Servable not found for request: Latest(m)");
    rig.reconciler.load("m");
    rig.work();
    assertThat(rig.serving("m")).isEqualTo(1);
  }

  @Test
  void aPinnedModelIsNotUnloadedByAnOperator() throws IOException {
    rig.write("m", 1, "ready 40");
    rig.configure(rig.config("m").withResidence(true, true));
    rig.work();

    assertThatThrownBy(() -> rig.reconciler.unload("m"))
        .hasMessage("model m: pinned (expected: unpinned before it is unloaded)");
    rig.configure(onDemand("m"));
    rig.work();
    assertThat(state("m")).isEqualTo(VersionState.AVAILABLE);
    rig.reconciler.unload("m");
    rig.work();
    assertThat(state("m")).isEqualTo(VersionState.NOT_LOADED);
  }

  @Test
  void aNewVersionOfALoadedModelTakesOverAndOneOfASleepingModelIsTakenNextTime()
      throws IOException {
    register("a", "b");
    use("a");
    rig.write("a", 2, "ready 40");
    rig.write("b", 2, "ready 40");
    rig.settle();

    assertThat(rig.serving("a")).isEqualTo(2);
    Waiter b = ask("b");
    rig.work();
    assertThat(b.lease().version().version()).isEqualTo(2);
    b.lease().close();
  }

  @Test
  void theModelsThatWereUsedMostAreLoadedAheadWhereThereIsRoomAndNobodyGoesForThem()
      throws IOException {
    rig = rig(new OnDemandOptions(10, Duration.ofMinutes(1), true));
    rig.reconciler.rememberUses(Map.of("a", 5.0, "b", 50.0, "c", 500.0, "gone", 1e6));
    register("a", "b", "c");
    rig.pass(Duration.ofSeconds(3));

    assertThat(state("c")).isEqualTo(VersionState.AVAILABLE);
    assertThat(state("b")).isEqualTo(VersionState.AVAILABLE);
    assertThat(state("a")).isEqualTo(VersionState.NOT_LOADED);
    assertThat(rig.reconciler.onDemandStatistics().evictions()).isZero();
    use("a");
    assertThat(rig.reconciler.uses()).containsKeys("a", "b", "c");
  }

  @Test
  void thousandsOfModelsCostNothingUntilTheyAreUsed() throws IOException {
    List<ModelConfig> models = new ArrayList<>();
    for (int i : IntStream.range(0, 2_000).toArray()) {
      rig.write("m" + i, 1, "ready 40");
      models.add(onDemand("m" + i));
    }
    rig.configure(models.toArray(ModelConfig[]::new));
    rig.work();
    use("m1234");

    assertThat(rig.reconciler.isSettled()).isTrue();
    assertThat(rig.engine.loaded()).hasSize(1);
    assertThat(rig.reconciler.statuses()).hasSize(2_000);
  }
}
