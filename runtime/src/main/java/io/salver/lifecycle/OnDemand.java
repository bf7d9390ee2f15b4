package io.salver.lifecycle;

import io.salver.lifecycle.EvictionPolicy.Resident;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which models on demand are to be in memory: those that requests wait for, and of the others those
 * that were used last. Guarded by the lock of its {@link Reconciler}, but for the requests that
 * come in at {@link #cold}.
 */
final class OnDemand {
  /** How long a model that nobody waits for, and that is not in memory, is still to be loaded. */
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(10);

  /** How long no model is loaded ahead of requests after one did not fit. */
  private static final long PRELOAD_PAUSE_NS = TimeUnit.SECONDS.toNanos(30);

  /** The least use of late for which a model is loaded ahead of requests. */
  private static final double PRELOAD_USES = 0.5;

  private final OnDemandOptions options;
  private final OnDemandStatistics statistics = new OnDemandStatistics();
  private final ColdRequests cold;
  private final Time time;
  private final Map<String, UseCount> uses = new HashMap<>();
  private long turns;
  private long noPreloadBeforeNs;

  OnDemand(OnDemandOptions options, Time time) {
    this.options = options;
    this.cold = new ColdRequests(options, statistics);
    this.time = time;
    this.noPreloadBeforeNs = time.nanoTime();
  }

  /** Where requests wait. */
  ColdRequests cold() {
    return cold;
  }

  OnDemandStatistics statistics() {
    return statistics;
  }

  /** Adds what is remembered of how often models were used. */
  void remember(Map<String, Double> counts) {
    counts.forEach(this::used);
  }

  /** How often models were used of late, by name. */
  Map<String, Double> uses() {
    long nowNs = time.nanoTime();
    Map<String, Double> counts = new HashMap<>();
    uses.forEach((model, count) -> {
      if (count.at(nowNs) >= PRELOAD_USES / 2) {
        counts.put(model, count.at(nowNs));
      }
    });
    uses.keySet().retainAll(counts.keySet());
    return counts;
  }

  private void used(String model, double count) {
    long nowNs = time.nanoTime();
    uses.computeIfAbsent(model, _ -> new UseCount(nowNs)).add(count, nowNs);
  }

  /** Asks for the models that requests wait for, in the order in which they came. */
  void takeAsked(Map<String, ModelRecord> models) {
    Set<String> asked = cold.takeAsked();
    for (String name : cold.models()) {
      ModelRecord model = models.get(name);
      if (model != null && !model.isResident()) {
        asked.add(name);
      }
    }
    for (String name : asked) {
      ModelRecord model = models.get(name);
      if (model != null) {
        ask(model);
      }
    }
  }

  /** A request or an operator asks for a model. */
  void ask(ModelRecord model) {
    model.residence().ask(++turns, time.nanoTime());
  }

  /** Those for which there may be something to do, in the order in which they may be loaded. */
  static List<ModelRecord> inTurn(Collection<ModelRecord> models) {
    List<ModelRecord> active = new ArrayList<>();
    for (ModelRecord model : models) {
      if (model.isActive()) {
        active.add(model);
      }
    }
    active.sort(Comparator.comparingLong(model -> model.residence().order()));
    return active;
  }

  // --- answers ---

  /** Answers the requests that can be answered as things stand. */
  void answer(Map<String, ModelRecord> models) {
    for (String name : cold.models()) {
      ModelRecord model = models.get(name);
      cold.answer(
          name,
          time.nanoTime(),
          selector -> answer(name, model, selector),
          _ -> model == null ? "not configured any more" : model.whyUnavailable());
    }
  }

  private static Optional<ColdRequests.Answer> answer(
      String name, @Nullable ModelRecord model, VersionSelector selector) {
    if (model == null || model.config() == null) {
      return refusal(ServedSnapshot.EMPTY.missing(name, selector));
    }
    return switch (selector) {
      case VersionSelector.Latest() -> latest(model);
      case VersionSelector.Exact(long version) -> exact(model, version);
      case VersionSelector.Labelled(String label) -> {
        Long version = model.labels().get(label);
        yield version == null ? refusal(ServedSnapshot.unknownLabel(label)) : exact(model, version);
      }
    };
  }

  private static Optional<ColdRequests.Answer> latest(ModelRecord model) {
    for (VersionRecord version : model.wantedVersions()) {
      Optional<ColdRequests.Answer> lease = lease(version);
      if (lease.isPresent() || isComing(model, version)) {
        return lease;
      }
    }
    return model.isHeardOf() ? refusal(unloadable(model)) : Optional.empty();
  }

  private static Optional<ColdRequests.Answer> exact(ModelRecord model, long number) {
    for (VersionRecord version : model.wantedVersions()) {
      if (version.id().version() == number) {
        Optional<ColdRequests.Answer> lease = lease(version);
        return lease.isPresent() || isComing(model, version) ? lease : refusal(unloadable(model));
      }
    }
    return model.isHeardOf()
        ? refusal(ServedSnapshot.notFound(model.name(), number))
        : Optional.empty();
  }

  private static Optional<ColdRequests.Answer> lease(VersionRecord version) {
    ServedVersion served = version.served();
    if (served == null || version.state() != VersionState.AVAILABLE) {
      return Optional.empty();
    }
    ModelLease lease = served.tryLease();
    return lease == null ? Optional.empty() : Optional.of(new ColdRequests.Answer.Lease(lease));
  }

  /** Whether it may be loaded without another try; what rests is woken in the next pass. */
  private static boolean isComing(ModelRecord model, VersionRecord version) {
    return switch (version.state()) {
      case LOADING, UNLOADING, AVAILABLE -> true;
      case START -> !version.hasFailed() && !version.isCrowded();
      case NOT_LOADED -> model.isOnDemand();
      case END -> false;
    };
  }

  private static ServingException unloadable(ModelRecord model) {
    Optional<ServingException> error =
        model.wantedVersions().stream()
            .map(VersionRecord::error)
            .filter(e -> e != null)
            .findFirst();
    boolean capacity =
        error.isPresent() && error.get().category().actor() == Category.Actor.CAPACITY;
    boolean nothing = model.wantedVersions().isEmpty();
    Category category =
        capacity
            ? Category.RESOURCE_EXHAUSTED
            : nothing ? Category.NOT_FOUND : Category.UNAVAILABLE;
    return new ServingException(
        category, "model " + model.name() + " cannot be loaded: " + model.whyUnavailable());
  }

  private static Optional<ColdRequests.Answer> refusal(ServingException reason) {
    return Optional.of(new ColdRequests.Answer.Refusal(reason));
  }

  // --- room ---

  /** The models to unload now, so that those which wait for memory get it. */
  List<ModelRecord> evictions(Collection<ModelRecord> models, MemoryLedger ledger) {
    if (!ledger.isShort()) {
      return List.of();
    }
    long nowNs = time.nanoTime();
    Map<String, ModelRecord> evictable = new HashMap<>();
    List<Resident> residents = new ArrayList<>();
    long bytes = 0;
    for (ModelRecord model : models) {
      if (model.isResident()
          && model.isOnDemand()
          && model.isIdle()
          && !cold.isAwaited(model.name())) {
        takeUses(model);
        evictable.put(model.name(), model);
        residents.add(new Resident(model.name(), model.memoryBytes(), model.lastUsedNs(nowNs)));
        bytes += model.memoryBytes();
      }
    }
    return EvictionPolicy.choose(residents, ledger.shortageBytes(bytes), nowNs).stream()
        .map(resident -> evictable.get(resident.model()))
        .peek(_ -> statistics.evicted())
        .toList();
  }

  /**
   * Lets go of models that were asked for, could not be loaded, and are not waited for any more.
   */
  void letGo(Collection<ModelRecord> active) {
    for (ModelRecord model : active) {
      boolean lingers = model.isResident() && model.isOnDemand() && !model.isInMemory();
      if (lingers
          && !cold.isAwaited(model.name())
          && time.nanoTime() - model.residence().askedNs() >= PATIENCE_NS) {
        model.residence().letGo();
      }
    }
  }

  // --- use ---

  /** Notes which models were used since this was called last. */
  void takeUses(Collection<ModelRecord> active) {
    active.forEach(this::takeUses);
  }

  private void takeUses(ModelRecord model) {
    long count = 0;
    for (VersionRecord version : model.versions()) {
      count += version.takeUses(time);
    }
    if (count > 0 && model.isOnDemand()) {
      used(model.name(), count);
    }
  }

  // --- ahead of requests ---

  /** Asks for the model that was used most of those that are not in memory, if there is room. */
  void preload(Map<String, ModelRecord> models, MemoryLedger ledger) {
    long nowNs = time.nanoTime();
    if (!options.preload()
        || nowNs - noPreloadBeforeNs < 0
        || !ledger.hasRoom(0)
        || !cold.models().isEmpty()
        || models.values().stream().anyMatch(OnDemand::isUnderWay)) {
      return;
    }
    uses.entrySet().stream()
        .filter(use -> use.getValue().at(nowNs) >= PRELOAD_USES)
        .filter(use -> mayPreload(models.get(use.getKey())))
        .max(Comparator.comparingDouble(use -> use.getValue().at(nowNs)))
        .map(use -> models.get(use.getKey()))
        .ifPresent(model -> {
          model.residence().askAhead(++turns, nowNs);
          statistics.preloaded();
        });
  }

  private static boolean isUnderWay(ModelRecord model) {
    return model.isResident() && model.isOnDemand() && !model.isAvailable();
  }

  private static boolean mayPreload(@Nullable ModelRecord model) {
    return model != null && model.isOnDemand() && !model.isResident() && model.isHeardOf();
  }

  /** A model that was to be loaded ahead of requests does not fit. */
  void doesNotFit(ModelRecord model) {
    model.residence().letGo();
    noPreloadBeforeNs = time.nanoTime() + PRELOAD_PAUSE_NS;
  }
}
