package io.salver.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.ModelLoadException;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.testkit.FakeEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReconcilerTest {
  @TempDir Path root;
  private Rig rig;

  @BeforeEach
  void setUp() {
    rig = new Rig(root);
  }

  @Test
  void anOldVersionIsLoadedAtOnce() throws IOException {
    rig.write("m", 3, "ready");

    rig.configure(rig.config("m"));
    rig.work();

    assertThat(rig.serving("m")).isEqualTo(3);
    assertThat(rig.events).containsExactly("m/3 LOADING", "m/3 AVAILABLE", "m/3 took PT0S");
    assertThat(rig.status("m").engine()).isEqualTo("fake");
    assertThat(rig.status("m").reason()).isEmpty();
  }

  @Test
  void aNewVersionReplacesTheOldOneOnlyWhenItIsAvailable() throws IOException {
    rig.write("m", 1, "ready");
    rig.configure(rig.config("m"));
    rig.work();
    rig.write("m", 2, "ready");
    rig.source.scanOnce();
    rig.inspections.runAll();

    assertThat(rig.serving("m")).isEqualTo(1);
    rig.loads.runAll();
    assertThat(rig.serving("m")).isEqualTo(2);
    assertThat(rig.status("m", 1).state()).isEqualTo(VersionState.UNLOADING);
    rig.unloads.runAll();
    assertThat(rig.status("m", 1).state()).isEqualTo(VersionState.END);
    assertThat(rig.engine.loaded().getFirst().isClosed()).isTrue();
  }

  @Test
  void resourcePreservingUnloadsFirst() throws IOException {
    rig = new Rig(root, LifecycleOptions.DEFAULT.withSwap(SwapPolicy.RESOURCE_PRESERVING));
    rig.write("m", 1, "ready");
    rig.configure(rig.config("m"));
    rig.work();
    rig.write("m", 2, "ready");
    rig.source.scanOnce();
    rig.inspections.runAll();

    assertThat(rig.loads.size()).isZero();
    assertThatThrownBy(() -> rig.lease("m")).hasMessageContaining("Latest(m)");
    rig.unloads.runAll();
    rig.loads.runAll();
    assertThat(rig.serving("m")).isEqualTo(2);
  }

  @Test
  void resourcePreservingKeepsTheOldVersionWhileTheNewOneIsBeingCopied() throws IOException {
    rig = new Rig(root, LifecycleOptions.DEFAULT.withSwap(SwapPolicy.RESOURCE_PRESERVING));
    rig.write("m", 1, "ready");
    rig.configure(rig.config("m"));
    rig.work();
    rig.write("m", 2, "incomplete");
    rig.settle();

    assertThat(rig.serving("m")).isEqualTo(1);
  }

  @Test
  void aVersionWithMissingFilesWaitsAndSaysForWhat() throws IOException {
    rig.write("m", 1, "incomplete");
    rig.configure(rig.config("m"));
    rig.pass(Duration.ofSeconds(5));

    VersionStatus status = rig.status("m", 1);
    assertThat(status.state()).isEqualTo(VersionState.START);
    assertThat(status.reason()).isEqualTo("waiting for files: weights.bin is missing");
    assertThat(rig.engine.loaded()).isEmpty();

    rig.write("m", 1, "ready");
    rig.pass(Duration.ofSeconds(1));
    assertThat(rig.serving("m")).isEqualTo(1);
  }

  @Test
  void filesThatAreStillBeingWrittenAreNotLoaded() throws IOException {
    rig.writeNow("m", 1, "ready");
    rig.configure(rig.config("m"));
    rig.work();
    assertThat(rig.status("m", 1).reason()).contains("expected: no change for 2000 ms");

    for (int i = 0; i < 5; i++) {
      rig.clock.advance(Duration.ofSeconds(1));
      rig.writeNow("m", 1, "ready");
      rig.settle();
    }
    assertThat(rig.engine.loaded()).isEmpty();

    rig.pass(Duration.ofSeconds(2));
    assertThat(rig.serving("m")).isEqualTo(1);
  }

  @Test
  void filesFromTheFutureAreLoadedOnceTheyStayTheSame() throws IOException {
    rig.clock.advance(Duration.ofDays(100));
    rig.writeNow("m", 1, "ready");
    rig.clock.advance(Duration.ofDays(-100));
    rig.configure(rig.config("m"));
    rig.work();
    assertThat(rig.engine.loaded()).isEmpty();

    rig.pass(Duration.ofSeconds(2));
    assertThat(rig.serving("m")).isEqualTo(1);
  }

  @Test
  void aLoadDuringWhichTheFilesChangedIsThrownAway() throws IOException {
    rig.write("m", 1, "ready");
    rig.engine.onLoad(directory -> {
      rig.engine.onLoad(d -> {});
      write(directory.resolve("weights.bin"));
    });
    rig.configure(rig.config("m"));
    rig.inspections.runAll();
    rig.loads.runAll();

    assertThat(rig.engine.loaded().getFirst().isClosed()).isTrue();
    assertThat(rig.status("m", 1).reason()).contains("changed while being loaded");
    rig.pass(Duration.ofSeconds(1));
    assertThat(rig.serving("m")).isEqualTo(1);
  }

  private static void write(Path file) {
    try {
      Files.writeString(file, "more");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void filesThatNoEngineKnowsFailWithWhatWasThereAndWhoWasAsked() throws IOException {
    Files.createDirectories(rig.base("m").resolve("1"));
    Files.writeString(rig.base("m").resolve("1/readme.txt"), "hello");
    rig.configure(rig.config("m"));
    rig.work();

    VersionStatus status = rig.status("m", 1);
    assertThat(status.state()).isEqualTo(VersionState.END);
    assertThat(status.reason())
        .contains("no engine recognises the files")
        .contains("[readme.txt]")
        .contains("expected: a model for one of the engines [fake]");
    assertThat(status.error()).isNotNull();
    assertThat(rig.reconciler.isSettled()).isTrue();

    FakeEngine.write(rig.base("m").resolve("1"), "ready");
    rig.pass(Duration.ofSeconds(1));
    assertThat(rig.serving("m")).isEqualTo(1);
  }

  @Test
  void theConfiguredPlatformDecidesWhichEngineIsAsked() throws IOException {
    rig.write("m", 1, "ready");
    rig.configure(new ModelConfig("m", rig.base("m"), "other", VersionPolicy.LATEST, Map.of()));
    rig.work();

    assertThat(rig.status("m", 1).reason()).contains("engines [other]");
  }

  @Test
  void aBrokenModelIsTriedAsOftenAsAllowedAndThenGivenUp() throws IOException {
    rig = new Rig(root, LifecycleOptions.DEFAULT.withRetries(2, Duration.ofSeconds(10)));
    rig.write("m", 1, "failing");
    int[] tries = {0};
    rig.engine.onLoad(directory -> tries[0]++);
    rig.configure(rig.config("m"));
    rig.work();
    assertThat(rig.status("m", 1).state()).isEqualTo(VersionState.START);
    assertThat(rig.status("m", 1).reason())
        .contains("load failed (try 1 of 3)")
        .contains("failing")
        .contains("next try at 2100-01-01T00:00:11Z");
    assertThat(rig.reconciler.isSettled()).isFalse();

    rig.pass(Duration.ofSeconds(9));
    assertThat(tries[0]).isEqualTo(1);
    rig.pass(Duration.ofSeconds(100));
    assertThat(tries[0]).isEqualTo(3);
    assertThat(rig.status("m", 1).state()).isEqualTo(VersionState.END);
    assertThat(rig.errorOf("m", 1)).isEqualTo(Category.INTERNAL);
    assertThat(rig.reconciler.isSettled()).isTrue();
  }

  @Test
  void aBrokenFileThatChangesIsTriedAgainAtOnce() throws IOException {
    rig.write("m", 1, "broken");
    rig.configure(rig.config("m"));
    rig.work();
    assertThat(rig.errorOf("m", 1)).isEqualTo(Category.DATA_LOSS);
    assertThat(rig.reconciler.isSettled()).isTrue();

    rig.write("m", 1, "ready");
    rig.pass(Duration.ofSeconds(1));

    assertThat(rig.serving("m")).isEqualTo(1);
    assertThat(rig.status("m", 1).error()).isNull();
    assertThat(rig.status("m", 1).reason()).isEmpty();
  }

  @Test
  void aVersionThatWasGivenUpIsLoadedWhenItsFilesChange() throws IOException {
    rig = new Rig(root, LifecycleOptions.DEFAULT.withRetries(0, Duration.ofSeconds(10)));
    rig.write("m", 1, "broken");
    rig.configure(rig.config("m"));
    rig.work();
    assertThat(rig.status("m", 1).state()).isEqualTo(VersionState.END);

    rig.write("m", 1, "ready");
    rig.pass(Duration.ofSeconds(1));
    assertThat(rig.serving("m")).isEqualTo(1);
  }

  @Test
  void aBrokenNewVersionLeavesTheOldOneServing() throws IOException {
    rig.write("m", 1, "ready");
    rig.configure(rig.config("m"));
    rig.work();
    rig.write("m", 2, "broken");
    rig.pass(Duration.ofSeconds(400));

    assertThat(rig.serving("m")).isEqualTo(1);
    assertThat(rig.status("m", 2).state()).isEqualTo(VersionState.END);
  }

  @Test
  void aModelThatHangsOrFailsDoesNotKeepAnotherFromBeingServed() throws IOException {
    rig.write("bad", 1, "broken");
    rig.write("good", 1, "ready");
    rig.write("slow", 1, "ready");
    rig.configure(rig.config("bad"), rig.config("good"), rig.config("slow"));
    rig.inspections.runAll();
    assertThat(rig.loads.size()).isEqualTo(3);
    rig.loads.runNext();
    rig.loads.runNext();

    assertThat(rig.serving("good")).isEqualTo(1);
    assertThat(rig.status("slow", 1).state()).isEqualTo(VersionState.LOADING);
    assertThat(rig.reconciler.isSettled()).isFalse();
    rig.loads.runNext();
    assertThat(rig.reconciler.isSettled()).isTrue();
  }

  @Test
  void aWarmUpThatFailsFailsTheLoadAndLeavesNothing() throws IOException {
    rig.write("m", 1, "ready");
    rig.warmup =
        (files, lease) -> {
          throw new ModelLoadException("record 3 is broken");
        };
    rig.configure(rig.config("m"));
    rig.work();

    assertThat(rig.status("m", 1).reason()).contains("record 3 is broken");
    assertThat(rig.engine.loaded().getFirst().isClosed()).isTrue();
  }

  @Test
  void anErrorInAnEngineIsAFailureToo() throws IOException {
    rig.write("m", 1, "ready");
    rig.engine.onLoad(directory -> {
      throw new OutOfMemoryError("native memory: no block of 8 bytes");
    });
    rig.configure(rig.config("m"));
    rig.work();

    assertThat(rig.errorOf("m", 1)).isEqualTo(Category.RESOURCE_EXHAUSTED);
  }

  @Test
  void aRemovedDirectoryUnloadsItsVersionIfAnotherTakesOver() throws IOException {
    rig.write("m", 1, "ready");
    rig.write("m", 2, "ready");
    rig.configure(rig.config("m"));
    rig.work();
    assertThat(rig.serving("m")).isEqualTo(2);

    rig.remove("m", 2);
    rig.settle();

    assertThat(rig.serving("m")).isEqualTo(1);
    assertThat(rig.status("m", 2).state()).isEqualTo(VersionState.END);
  }

  @Test
  void whenEverythingIsRemovedWhatIsLoadedKeepsServingWithAReason() throws IOException {
    rig.write("m", 1, "ready");
    rig.configure(rig.config("m"));
    rig.work();

    rig.remove("m", 1);
    rig.settle();
    rig.settle();
    assertThat(rig.serving("m")).isEqualTo(1);
    assertThat(rig.status("m", 1).reason()).startsWith("No versions of m found under base path");
    assertThat(rig.events).filteredOn(e -> e.startsWith("m: No versions")).hasSize(1);

    Files.delete(rig.base("m"));
    rig.settle();
    assertThat(rig.serving("m")).isEqualTo(1);
    assertThat(rig.status("m", 1).reason()).startsWith("Could not find base path");
  }

  @Test
  void aMissingBasePathIsSaidAndDoesNotKeepTheServerFromBeingReady() {
    rig.configure(rig.config("m"));
    rig.work();

    assertThat(rig.status("m").reason()).isEqualTo("Could not find base path " + rig.base("m"));
    assertThat(rig.reconciler.isSettled()).isTrue();
    assertThatThrownBy(() -> rig.lease("m"))
        .hasMessage("Servable not found for request: Latest(m)")
        .extracting(e -> ((ServingException) e).category())
        .isEqualTo(Category.NOT_FOUND);
  }

  @Test
  void theServerIsNotReadyBeforeTheFirstLookAndTheFirstLoad() throws IOException {
    rig.write("m", 1, "ready");
    assertThat(rig.reconciler.isSettled()).isFalse();
    rig.configure(rig.config("m"));
    assertThat(rig.reconciler.isSettled()).isFalse();
    rig.inspections.runAll();
    assertThat(rig.reconciler.isSettled()).isFalse();
    rig.loads.runAll();
    assertThat(rig.reconciler.isSettled()).isTrue();
  }

  @Test
  void filesThatStayIncompleteKeepTheServerFromBeingReadyForAMinuteOnly() throws IOException {
    rig.write("m", 1, "incomplete");
    rig.configure(rig.config("m"));
    rig.pass(Duration.ofSeconds(59));
    assertThat(rig.reconciler.isSettled()).isFalse();
    rig.pass(Duration.ofSeconds(2));
    assertThat(rig.reconciler.isSettled()).isTrue();
  }

  @Test
  void filesThatCannotBeServedHereAreSaidToBeAtOnce() throws IOException {
    rig.write("m", 1, "unservable");
    rig.configure(rig.config("m"));
    rig.work();
    assertThat(rig.status("m", 1).state()).isEqualTo(VersionState.END);
    assertThat(rig.status("m", 1).reason()).contains("needs what is not here");
    assertThat(rig.reconciler.isSettled()).isTrue();
  }

  @Test
  void aDirectoryThatCannotBeReadKeepsTheServerFromBeingReadyForAMinuteOnly() throws IOException {
    Path directory = rig.write("m", 1, "ready");
    Path dangling = directory.resolve("weights");
    Files.createSymbolicLink(dangling, root.resolve("gone"));
    rig.configure(rig.config("m"));
    rig.pass(Duration.ofSeconds(59));
    assertThat(rig.reconciler.isSettled()).isFalse();
    rig.pass(Duration.ofSeconds(3));
    assertThat(rig.reconciler.isSettled()).isTrue();
    assertThat(rig.status("m", 1).reason()).contains(dangling.toString());

    Files.delete(dangling);
    rig.pass(Duration.ofSeconds(1));
    assertThat(rig.serving("m")).isEqualTo(1);
  }

  @Test
  void workThatFindsNoThreadIsTriedAgain() throws IOException {
    rig.write("m", 1, "ready");
    rig.noThreads = true;
    rig.configure(rig.config("m"));
    assertThat(rig.status("m", 1).reason()).contains("not looked at", "no thread");

    rig.noThreads = false;
    rig.clock.advance(Duration.ofSeconds(1));
    rig.reconciler.reconcileOnce();
    rig.noThreads = true;
    rig.inspections.runAll();
    assertThat(rig.status("m", 1).state()).isEqualTo(VersionState.START);
    assertThat(rig.status("m", 1).reason()).contains("not begun", "no thread", "next try");

    rig.noThreads = false;
    rig.pass(Duration.ofSeconds(61));
    assertThat(rig.serving("m")).isEqualTo(1);
  }

  @Test
  void anErrorWhileFilesAreLookedAtIsAReasonToWait() throws IOException {
    rig.write("m", 1, "ready not-a-number");
    rig.configure(rig.config("m"));
    rig.work();
    assertThat(rig.status("m", 1).reason()).contains("NumberFormatException");

    rig.write("m", 1, "ready");
    rig.pass(Duration.ofSeconds(3));
    assertThat(rig.serving("m")).isEqualTo(1);
  }

  @Test
  void unloadingWaitsForTheLastLease() throws IOException {
    rig.write("m", 1, "ready");
    rig.configure(rig.config("m"));
    rig.work();
    ModelLease lease = rig.lease("m");
    rig.write("m", 2, "ready");
    rig.settle();

    assertThat(rig.serving("m")).isEqualTo(2);
    assertThat(rig.status("m", 1).state()).isEqualTo(VersionState.UNLOADING);
    assertThat(rig.engine.loaded().getFirst().isClosed()).isFalse();
    lease.close();
    rig.work();
    assertThat(rig.engine.loaded().getFirst().isClosed()).isTrue();
    assertThat(rig.status("m", 1).state()).isEqualTo(VersionState.END);
  }

  @Test
  void aVersionThatIsWantedAgainWhileItIsUnloadedComesBack() throws IOException {
    rig.write("m", 1, "ready");
    rig.configure(rig.config("m"));
    rig.work();
    ModelLease lease = rig.lease("m");
    rig.write("m", 2, "ready");
    rig.settle();
    rig.remove("m", 2);
    rig.settle();
    assertThat(rig.serving("m")).isEqualTo(2);

    lease.close();
    rig.settle();
    assertThat(rig.serving("m")).isEqualTo(1);
    assertThat(rig.status("m", 2).state()).isEqualTo(VersionState.END);
  }

  @Test
  void aVersionThatIsUnwantedBeforeItsLoadBeginsIsNotLoaded() throws IOException {
    rig.write("m", 1, "ready");
    rig.configure(rig.config("m"));
    rig.inspections.runAll();
    rig.configure();
    rig.loads.runAll();

    assertThat(rig.engine.loaded()).isEmpty();
    assertThat(rig.status("m", 1).state()).isEqualTo(VersionState.END);
  }

  @Test
  void aVersionThatIsUnwantedWhileItIsLoadedIsUnloadedAgain() throws IOException {
    rig.write("m", 1, "ready");
    rig.engine.onLoad(directory -> rig.configure());
    rig.configure(rig.config("m"));
    rig.work();

    assertThat(rig.engine.loaded().getFirst().isClosed()).isTrue();
    assertThatThrownBy(() -> rig.lease("m")).hasMessageContaining("Latest(m)");
  }

  @Test
  void aModelThatIsLeftOutIsUnloadedAndItsStatusStays() throws IOException {
    rig.write("a", 1, "ready");
    rig.write("b", 1, "ready");
    rig.configure(rig.config("a"), rig.config("b"));
    rig.work();

    rig.configure(rig.config("b"));
    rig.work();

    assertThat(rig.status("a", 1).state()).isEqualTo(VersionState.END);
    assertThat(rig.reconciler.statuses()).extracting(ModelStatus::name).containsExactly("b");
    assertThat(rig.serving("b")).isEqualTo(1);
    assertThat(rig.reconciler.status("c")).isEmpty();
    rig.configure(rig.config("a"), rig.config("b"));
    rig.work();
    assertThat(rig.serving("a")).isEqualTo(1);
  }

  @Test
  void anotherBasePathTakesOverWithoutAGapEvenWithTheSameVersionNumber() throws IOException {
    rig.write("m", 1, "ready");
    rig.write("elsewhere", 1, "ready");
    rig.configure(rig.config("m"));
    rig.work();

    rig.configure(new ModelConfig("m", rig.base("elsewhere"), "", VersionPolicy.LATEST, Map.of()));
    rig.inspections.runAll();
    assertThat(rig.serving("m")).isEqualTo(1);
    rig.loads.runAll();
    try (ModelLease lease = rig.lease("m")) {
      Path from = ((FakeEngine.Model) lease.model()).directory();
      assertThat(from).isEqualTo(rig.base("elsewhere").resolve("1"));
    }
    rig.work();
    assertThat(rig.status("m").versions()).hasSize(1);
  }

  @Test
  void aConfigurationWithTheSameNameTwiceIsRefused() throws IOException {
    rig.write("m", 1, "ready");
    rig.configure(rig.config("m"));
    rig.work();

    assertThatThrownBy(() -> rig.configure(rig.config("x"), rig.config("x")))
        .hasMessage("Illegal to list model x multiple times in config list")
        .extracting(e -> ((ServingException) e).category())
        .isEqualTo(Category.INVALID_ARGUMENT);
    assertThat(rig.serving("m")).isEqualTo(1);
  }

  @Test
  void aPlatformMayBeUnknownOrChange() throws IOException {
    rig.write("m", 1, "ready");
    rig.configure(rig.config("m"));

    assertThatThrownBy(() -> rig.configure(on("m", "other")))
        .hasMessage(
            "Illegal to change a model's platform. For model m platform was \"\", and new platform"
                + " requested is \"other\"");
    assertThatThrownBy(() -> rig.configure(on("n", "caffe")))
        .hasMessage(
            "model_platform: \"caffe\" of model n (expected: one of [fake, other], or nothing)");
  }

  private ModelConfig on(String model, String platform) {
    return new ModelConfig(model, rig.base(model), platform, VersionPolicy.LATEST, Map.of());
  }

  @Test
  void awaitSaysWhyModelsFailedAndStopsAtItsLimit() throws IOException {
    rig.write("bad", 1, "broken");
    rig.write("good", 1, "ready");
    rig.write("slow", 1, "ready");
    Set<String> added =
        rig.configure(
            rig.config("bad"), rig.config("good"), rig.config("slow"), rig.config("missing"));
    rig.inspections.runAll();
    rig.loads.runNext();
    rig.loads.runNext();

    assertThatThrownBy(() -> rig.reconciler.await(added, Duration.ZERO))
        .hasMessageStartingWith("3 model(s) not available after PT0S: {bad=")
        .extracting(e -> ((ServingException) e).category())
        .isEqualTo(Category.DEADLINE_EXCEEDED);
    rig.loads.runAll();
    assertThat(rig.reconciler.await(added, Duration.ZERO)).containsOnlyKeys("bad", "missing");
    assertThat(rig.reconciler.await(added, Duration.ZERO).get("bad"))
        .startsWith("version 1: load failed (try 1 of 6): model.fake: broken (expected: ready)");
  }

  @Test
  void aLoadThatDoesNotFitTheBudgetWaitsAndSaysTheNumbers() throws IOException {
    rig = new Rig(root, LifecycleOptions.DEFAULT.withMemoryBudgetBytes(100));
    rig.write("a", 1, "ready 60");
    rig.write("b", 1, "ready 50");
    rig.write("c", 1, "ready 40");
    rig.configure(rig.config("a"), rig.config("b"), rig.config("c"));
    rig.work();

    assertThat(rig.serving("a")).isEqualTo(1);
    assertThat(rig.serving("c")).isEqualTo(1);
    assertThat(rig.status("b", 1).state()).isEqualTo(VersionState.START);
    assertThat(rig.status("b").reason())
        .isEqualTo(
            "version 1: memory: 50 bytes needed beside 100 in use (expected: at most 100"
                + " together)");
    assertThat(rig.errorOf("b", 1)).isEqualTo(Category.RESOURCE_EXHAUSTED);
    assertThat(rig.reconciler.isSettled()).isTrue();

    rig.configure(rig.config("b"), rig.config("c"));
    rig.work();
    assertThat(rig.serving("b")).isEqualTo(1);
    assertThat(rig.status("b", 1).error()).isNull();
  }

  @Test
  void resourcePreservingMakesRoomForTheNewVersion() throws IOException {
    rig =
        new Rig(
            root,
            LifecycleOptions.DEFAULT
                .withMemoryBudgetBytes(100)
                .withSwap(SwapPolicy.RESOURCE_PRESERVING));
    rig.write("m", 1, "ready 60");
    rig.configure(rig.config("m"));
    rig.work();
    rig.write("m", 2, "ready 70");
    rig.settle();

    assertThat(rig.serving("m")).isEqualTo(2);
  }

  @Test
  void labelsGivenAtStartTakeEffectWhenTheirVersionIsAvailable() throws IOException {
    rig.write("m", 1, "ready");
    rig.write("m", 2, "ready");
    rig.configure(rig.config("m", new VersionPolicy.All(), Map.of("stable", 1L, "canary", 2L)));
    assertThatThrownBy(() -> labelled("m", "stable"))
        .hasMessage("Servable not found for request: Specific(m, 1)");
    rig.work();

    assertThat(labelled("m", "stable")).isEqualTo(1);
    assertThat(labelled("m", "canary")).isEqualTo(2);
    assertThatThrownBy(() -> labelled("m", "x"))
        .hasMessage("Unrecognized servable version label: x")
        .extracting(e -> ((ServingException) e).category())
        .isEqualTo(Category.INVALID_ARGUMENT);
    assertThatThrownBy(() -> labelled("nobody", "stable"))
        .hasMessage("Unrecognized servable version label: stable");
  }

  private long labelled(String model, String label) {
    try (ModelLease lease = rig.reconciler.lease(model, new VersionSelector.Labelled(label))) {
      return lease.version().version();
    }
  }

  @Test
  void aLabelMovesToAvailableVersionsOnly() throws IOException {
    rig.write("m", 1, "ready");
    rig.write("m", 2, "ready");
    VersionPolicy all = new VersionPolicy.All();
    rig.configure(rig.config("m", all, Map.of("stable", 1L)));
    rig.work();

    rig.configure(rig.config("m", all, Map.of("stable", 2L)));
    assertThat(labelled("m", "stable")).isEqualTo(2);
    assertThatThrownBy(() -> rig.configure(rig.config("m", all, Map.of("stable", 3L))))
        .hasMessage(
            "Request to assign label to version 3 of model m, which is not currently available for"
                + " inference")
        .extracting(e -> ((ServingException) e).category())
        .isEqualTo(Category.FAILED_PRECONDITION);
    assertThat(labelled("m", "stable")).isEqualTo(2);
    assertThat(rig.status("m").labels()).isEqualTo(Map.of("stable", 2L));
  }

  @Test
  void aLabelThatStaysWhereItIsIsNeverRefused() throws IOException {
    rig.write("m", 1, "ready");
    rig.configure(rig.config("m", VersionPolicy.LATEST, Map.of("future", 9L)));
    rig.work();

    rig.configure(rig.config("m", VersionPolicy.LATEST, Map.of("future", 9L)));
    assertThat(rig.serving("m")).isEqualTo(1);
  }

  @Test
  void newLabelsMayNameUnavailableVersionsWhereThatIsAllowed() throws IOException {
    rig = new Rig(root, LifecycleOptions.DEFAULT.withLabelsForUnavailable(true));
    rig.write("m", 1, "ready");
    rig.configure(rig.config("m", VersionPolicy.LATEST, Map.of("stable", 1L)));
    rig.work();

    rig.configure(rig.config("m", VersionPolicy.LATEST, Map.of("stable", 1L, "next", 2L)));
    assertThatThrownBy(() -> labelled("m", "next")).hasMessageContaining("Specific(m, 2)");
    assertThatThrownBy(
            () -> rig.configure(rig.config("m", VersionPolicy.LATEST, Map.of("stable", 2L))))
        .hasMessageContaining("not currently available");
  }

  @Test
  void onlyTheLastFewVersionsThatEndedAreRemembered() throws IOException {
    for (long version = 1; version <= 12; version++) {
      rig.write("m", version, "ready");
      rig.configure(rig.config("m"));
      rig.work();
      rig.clock.advance(Duration.ofSeconds(1));
    }

    assertThat(rig.status("m").versions())
        .extracting(VersionStatus::version)
        .containsExactly(12L, 11L, 10L, 9L, 8L, 7L);
  }

  @Test
  void specificVersionsThatDoNotExistLeaveWhatIsServed() throws IOException {
    rig.write("m", 1, "ready");
    rig.configure(rig.config("m"));
    rig.work();
    VersionPolicy seven = new VersionPolicy.Specific(new TreeSet<>(List.of(7L)));
    rig.configure(rig.config("m", seven, Map.of()));
    rig.work();

    assertThat(rig.serving("m")).isEqualTo(1);
    assertThat(rig.status("m", 1).reason())
        .startsWith("No wanted version of m found under base path")
        .contains("[1] (expected: Specific[versions=[7]])");
  }

  @Test
  void closingUnloadsEverythingAndSaysWhatIsLeft() throws IOException {
    rig.write("m", 1, "ready");
    rig.configure(rig.config("m"));
    rig.work();
    ModelLease lease = rig.lease("m");
    rig.reconciler.beginClose();
    rig.work();

    assertThat(rig.reconciler.awaitEmpty(Duration.ZERO)).isFalse();
    assertThat(rig.events).contains("m: m/1 was not unloaded within PT0S: 1 lease(s) not closed");
    lease.close();
    rig.work();
    assertThat(rig.reconciler.awaitEmpty(Duration.ZERO)).isTrue();
    assertThat(rig.engine.loaded().getFirst().isClosed()).isTrue();
    assertThatThrownBy(() -> rig.configure(rig.config("m")))
        .hasMessage("the server is shutting down");
  }
}
