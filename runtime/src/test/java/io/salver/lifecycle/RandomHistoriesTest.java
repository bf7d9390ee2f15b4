package io.salver.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.ServingException;
import io.salver.tensor.NativeMemory;
import io.salver.testkit.FakeEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lets everything that can happen to models happen in any order, and looks after each step. */
class RandomHistoriesTest {
  private static final int HISTORIES = 1_000;
  private static final int STEPS = 60;
  private static final List<String> CONTENTS =
      List.of("ready", "ready", "ready", "ready 40", "broken", "failing", "incomplete");

  @TempDir Path root;

  @Test
  void noHistoryBreaksAPromise() throws IOException {
    long liveBytes = NativeMemory.liveBytes();
    for (long seed = 0; seed < HISTORIES; seed++) {
      Path directory = Files.createDirectory(root.resolve("s" + seed));
      try {
        new History(directory, new SplittableRandom(seed)).run();
        assertThat(NativeMemory.liveBytes()).isEqualTo(liveBytes);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + e, e);
      }
      Rig.removeTree(directory);
    }
  }

  private static final class History {
    private final SplittableRandom random;
    private final SwapPolicy swap;
    private final Rig rig;
    private final List<ModelLease> leases = new ArrayList<>();
    private final Set<String> wereAvailable = new HashSet<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private final long budgetBytes;
    private Set<String> onDemand = Set.of();
    private Set<String> configured = Set.of();
    private long newest;

    History(Path directory, SplittableRandom random) {
      this.random = random;
      this.swap = SwapPolicy.values()[random.nextInt(SwapPolicy.values().length)];
      LifecycleOptions options =
          LifecycleOptions.DEFAULT.withSwap(swap).withRetries(2, Duration.ofSeconds(3));
      this.budgetBytes = random.nextBoolean() ? Long.MAX_VALUE : 90;
      this.rig = new Rig(directory, options.withMemoryBudgetBytes(budgetBytes));
    }

    void run() throws IOException {
      rig.engine.onLoad(this::duringLoad);
      configure();
      for (int i = 0; i < STEPS; i++) {
        step();
        check();
      }
      end();
    }

    private void step() throws IOException {
      switch (random.nextInt(22)) {
        case 0, 1 -> write();
        case 2 -> rewrite();
        case 3 -> remove();
        case 4 -> configure();
        case 5, 6, 7 -> lease();
        case 8, 9 -> closeALease();
        case 10, 11 -> rig.clock.advance(Duration.ofMillis(random.nextInt(4_000)));
        case 12 -> rig.source.scanOnce();
        case 13 -> rig.reconciler.reconcileOnce();
        case 14 -> loadOrUnload();
        case 15 -> abandon();
        default -> work();
      }
    }

    private void work() {
      for (int i = 0; i < 4; i++) {
        rig.inspections.runAny(random);
        switch (random.nextInt(3)) {
          case 0 -> rig.unloads.runAny(random);
          default -> rig.loads.runAny(random);
        }
      }
    }

    private void write() throws IOException {
      rig.write(anyModel(), ++newest, anyContent());
      rig.source.scanOnce();
    }

    /** What else happens while a version is being loaded. */
    private void duringLoad(Path directory) {
      try {
        switch (random.nextInt(12)) {
          case 0 -> FakeEngine.write(directory, "ready " + random.nextInt(100));
          case 1 -> remove();
          case 2 -> configure();
          case 3 -> write();
          default -> {}
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private String anyModel() {
      return random.nextBoolean() ? "a" : "b";
    }

    private String anyContent() {
      return CONTENTS.get(random.nextInt(CONTENTS.size()));
    }

    private void rewrite() throws IOException {
      String model = anyModel();
      OptionalLong version = anyVersion(model);
      if (version.isPresent()) {
        rig.write(model, version.getAsLong(), anyContent());
      }
    }

    private void remove() throws IOException {
      String model = anyModel();
      OptionalLong version = anyVersion(model);
      if (version.isPresent()) {
        rig.remove(model, version.getAsLong());
        rig.source.scanOnce();
      }
    }

    private OptionalLong anyVersion(String model) throws IOException {
      if (!Files.exists(rig.base(model))) {
        return OptionalLong.empty();
      }
      List<Long> there = List.copyOf(VersionDirectories.list(rig.base(model)).keySet());
      return there.isEmpty()
          ? OptionalLong.empty()
          : OptionalLong.of(there.get(random.nextInt(there.size())));
    }

    private void configure() {
      List<ModelConfig> models = new ArrayList<>();
      Set<String> names = new TreeSet<>();
      Set<String> sleepers = new TreeSet<>();
      for (String model : List.of("a", "b")) {
        if (random.nextInt(8) > 0) {
          ModelConfig config =
              rig.config(model, anyPolicy(), Map.of())
                  .withResidence(random.nextInt(3) == 0, random.nextInt(4) == 0);
          models.add(config);
          names.add(model);
          if (!config.staysLoaded()) {
            sleepers.add(model);
          }
        }
      }
      configured = names;
      onDemand = sleepers;
      wereAvailable.retainAll(names);
      wereAvailable.removeAll(sleepers);
      rig.configure(models.toArray(ModelConfig[]::new));
    }

    private VersionPolicy anyPolicy() {
      return switch (random.nextInt(4)) {
        case 0 -> new VersionPolicy.All();
        case 1 -> new VersionPolicy.Latest(2);
        case 2 -> new VersionPolicy.Specific(new TreeSet<>(List.of(newest, newest / 2)));
        default -> VersionPolicy.LATEST;
      };
    }

    private void lease() {
      String model = anyModel();
      Waiter waiter = new Waiter();
      try {
        ModelLease lease = rig.reconciler.lease(model, VersionSelector.LATEST, waiter);
        assertThat(configured).contains(model);
        if (lease == null) {
          assertThat(onDemand).contains(model);
          waiters.add(waiter);
          return;
        }
        leases.add(lease);
        if (!onDemand.contains(model)) {
          wereAvailable.add(model);
        }
      } catch (ServingException nothingAvailable) {
        assertThat(rig.reconciler.status(model).filter(s -> s.reason().isEmpty())).isEmpty();
      }
    }

    private void abandon() {
      waiters.forEach(waiter -> waiter.gone |= random.nextBoolean());
    }

    private void loadOrUnload() {
      String model = anyModel();
      try {
        if (random.nextBoolean()) {
          rig.reconciler.load(model);
        } else {
          rig.reconciler.unload(model);
          wereAvailable.remove(model);
        }
      } catch (ServingException notConfiguredOrPinned) {
        // As it should be.
      }
    }

    /** What waiters were given is held like any other lease. */
    private void takeAnswers() {
      for (Waiter waiter : List.copyOf(waiters)) {
        if (!waiter.waits()) {
          waiters.remove(waiter);
          if (waiter.isLeased()) {
            leases.add(waiter.lease());
          }
        }
      }
    }

    private void closeALease() {
      if (!leases.isEmpty()) {
        leases.remove(random.nextInt(leases.size())).close();
      }
    }

    private void check() {
      takeAnswers();
      assertThat(rig.reconciler.usedBytes()).isLessThanOrEqualTo(budgetBytes);
      for (ModelLease lease : leases) {
        assertThat(((FakeEngine.Model) lease.model()).isClosed()).isFalse();
      }
      for (ModelStatus status : rig.reconciler.statuses()) {
        check(status);
      }
      if (swap == SwapPolicy.AVAILABILITY_PRESERVING) {
        wereAvailable.forEach(model -> rig.lease(model).close());
      }
    }

    private void check(ModelStatus status) {
      List<Long> available =
          status.versions().stream()
              .filter(v -> v.state() == VersionState.AVAILABLE)
              .map(VersionStatus::version)
              .toList();
      assertThat(status.reason().isEmpty()).isEqualTo(!available.isEmpty());
      if (!available.isEmpty()) {
        assertThat(rig.serving(status.name())).isEqualTo(available.getFirst());
      }
    }

    private void end() {
      leases.forEach(ModelLease::close);
      leases.clear();
      rig.pass(Duration.ofSeconds(70));
      takeAnswers();
      assertThat(waiters).allMatch(waiter -> waiter.gone);
      rig.reconciler.beginClose();
      rig.work();
      leases.forEach(ModelLease::close);
      rig.work();
      assertThat(rig.reconciler.awaitEmpty(Duration.ZERO)).isTrue();
      assertThat(rig.engine.loaded()).allMatch(FakeEngine.Model::isClosed);
    }
  }
}
