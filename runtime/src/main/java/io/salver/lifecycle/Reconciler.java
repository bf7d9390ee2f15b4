package io.salver.lifecycle;

import io.salver.batching.RunStatistics;
import io.salver.cache.CacheStatistics;
import io.salver.lifecycle.SwapPolicy.Action;
import io.salver.model.ModelLease;
import io.salver.model.ModelSource;
import io.salver.model.ModelSource.Wanted;
import io.salver.model.ModelVersion;
import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brings what is loaded together with what is wanted.
 *
 * <p>All control state is guarded by one lock, and every event (a publication, the end of an
 * inspection, load or unload, time passing) does the same under it: take the event in, ask the
 * policy for actions until there are none, start those on the executors, and publish a new snapshot
 * if what is available changed. Nothing slow happens under the lock: engines and file systems are
 * called on the executors only, so a model that hangs holds a thread, never this lock. Requests do
 * not take it at all; they read the snapshot.
 *
 * <p>A version is retired only after a snapshot without it has been published, so a request that
 * fails to get a lease finds another snapshot when it looks again.
 */
final class Reconciler implements ModelSource.Sink {
  private static final int FORGOTTEN_MODELS_KEPT = 100;

  /** Where slow work is done; none of the three runs a task in the thread that hands it in. */
  record Executors(Executor inspections, Executor loads, Executor unloads) {}

  private final LifecycleOptions options;
  private final Set<String> engineNames;
  private final Inspector inspector;
  private final Loader loader;
  private final Executors executors;
  private final LifecycleListener listener;
  private final Time time;
  private final OnDemand onDemand;
  private final Settlement settlement;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, ModelRecord> models = new TreeMap<>();
  private final Map<String, String> problems = new HashMap<>();
  private @Nullable Set<String> unsettled;
  private boolean closing;

  private volatile ServedSnapshot snapshot = ServedSnapshot.EMPTY;
  private volatile boolean settled;

  Reconciler(
      LifecycleOptions options,
      Set<String> engineNames,
      Inspector inspector,
      Loader loader,
      Executors executors,
      LifecycleListener listener,
      Time time) {
    this.options = options;
    this.engineNames = new TreeSet<>(engineNames);
    this.inspector = inspector;
    this.loader = loader;
    this.executors = executors;
    this.listener = new QuietListener(listener);
    this.time = time;
    this.onDemand = new OnDemand(options.onDemand(), time);
    this.settlement = new Settlement(models, lock, changed, options.loadRetryInterval(), time);
  }

  // --- requests ---

  /** What the runs of a version came to; empty if it is not available. */
  Optional<RunStatistics> statistics(ModelVersion version) {
    return Optional.ofNullable(snapshot.find(version)).map(ServedVersion::statistics);
  }

  /** What the cache of a version came to; empty if the version is not available or has none. */
  Optional<CacheStatistics> cacheStatistics(ModelVersion version) {
    return Optional.ofNullable(snapshot.find(version)).flatMap(ServedVersion::cacheStatistics);
  }

  ModelLease lease(String model, VersionSelector selector) {
    ModelLease lease = leaseAvailable(model, selector);
    if (lease == null) {
      throw onDemand.cold().ask(model)
          ? new ServingException(
              Category.UNAVAILABLE,
              "model " + model + " is on demand, and being loaded (expected: another try later)")
          : snapshot.missing(model, selector);
    }
    return lease;
  }

  /** A lease, or null if the waiter is to wait for it. */
  @Nullable ModelLease lease(String model, VersionSelector selector, LeaseWaiter waiter) {
    ModelLease lease = leaseAvailable(model, selector);
    if (lease == null && !onDemand.cold().await(model, selector, waiter, time.nanoTime())) {
      throw snapshot.missing(model, selector);
    }
    return lease;
  }

  private @Nullable ModelLease leaseAvailable(String model, VersionSelector selector) {
    while (true) {
      ServedVersion version = snapshot.findAvailable(model, selector);
      if (version == null) {
        return null;
      }
      ModelLease lease = version.tryLease();
      if (lease != null) {
        return lease;
      }
      Thread.onSpinWait();
    }
  }

  /**
   * Whether a model is in use or asked for, so that a new version of it matters soon. By any
   * thread.
   */
  boolean isAttended(String model) {
    return snapshot.isAvailable(model) || onDemand.cold().isAwaited(model);
  }

  /** Whether a version is loaded from a directory, or may yet be. By any thread. */
  boolean isInUse(Path directory) {
    lock.lock();
    try {
      return models.values().stream().anyMatch(model -> model.uses(directory));
    } finally {
      lock.unlock();
    }
  }

  /** Whether every model of the first configuration has settled at some time. */
  boolean isSettled() {
    return settled;
  }

  // --- configuration ---

  /**
   * Whether a configuration would be taken in now.
   *
   * @throws ServingException if it would be refused
   */
  void check(List<ModelConfig> wanted) {
    ConfigRules.check(wanted, engineNames);
    lock.lock();
    try {
      var unused = checked(wanted);
    } finally {
      lock.unlock();
    }
  }

  private Map<String, ModelConfig> checked(List<ModelConfig> wanted) {
    if (closing) {
      throw new ServingException(Category.UNAVAILABLE, "the server is shutting down");
    }
    Map<String, ModelConfig> byName =
        wanted.stream().collect(Collectors.toMap(ModelConfig::name, c -> c));
    checkChanges(byName);
    return byName;
  }

  /**
   * Takes a configuration in.
   *
   * @return the names of the models that are new
   * @throws ServingException if it is refused, and nothing has changed
   */
  Set<String> configure(List<ModelConfig> wanted) {
    ConfigRules.check(wanted, engineNames);
    lock.lock();
    try {
      Map<String, ModelConfig> byName = checked(wanted);
      Set<String> added = apply(byName);
      if (unsettled == null) {
        unsettled = new HashSet<>(added);
      }
      snapshot = ServedSnapshot.of(models.values());
      reconcile();
      return added;
    } finally {
      lock.unlock();
    }
  }

  private void checkChanges(Map<String, ModelConfig> byName) {
    for (ModelRecord model : models.values()) {
      ModelConfig next = byName.get(model.name());
      if (next != null) {
        ConfigRules.checkChange(model, next, options.allowLabelsForUnavailable());
      }
    }
  }

  private Set<String> apply(Map<String, ModelConfig> byName) {
    Set<String> added = new TreeSet<>();
    byName.forEach((name, config) -> {
      ModelRecord model = models.computeIfAbsent(name, ModelRecord::new);
      if (model.config() == null) {
        added.add(name);
      }
      model.configure(config);
      onDemand.cold().setOnDemand(name, model.isOnDemand());
    });
    models.values().stream()
        .filter(m -> !byName.containsKey(m.name()))
        .forEach(model -> {
          model.deconfigure();
          onDemand.cold().setOnDemand(model.name(), false);
        });
    return added;
  }

  /** How the models are configured now. */
  List<ModelConfig> configuration() {
    lock.lock();
    try {
      return models.values().stream().map(ModelRecord::config).filter(Objects::nonNull).toList();
    } finally {
      lock.unlock();
    }
  }

  // --- residence ---

  /** Where requests for models on demand wait. */
  ColdRequests coldRequests() {
    return onDemand.cold();
  }

  OnDemandStatistics onDemandStatistics() {
    return onDemand.statistics();
  }

  /**
   * Has a model loaded that is out of memory.
   *
   * @throws ServingException NOT_FOUND if it is not configured
   */
  void load(String name) {
    change(
        name,
        model -> {
          model.residence().holdOut(false);
          if (model.isOnDemand()) {
            onDemand.ask(model);
          }
        });
  }

  /**
   * Has a model unloaded: one on demand until it is asked for, another until it is loaded by {@link
   * #load}.
   *
   * @throws ServingException NOT_FOUND if it is not configured, FAILED_PRECONDITION if it is pinned
   */
  void unload(String name) {
    change(
        name,
        model -> {
          ModelConfig config = model.config();
          if (config != null && config.pinned()) {
            throw new ServingException(
                Category.FAILED_PRECONDITION,
                "model " + name + ": pinned (expected: unpinned before it is unloaded)");
          }
          model.residence().letGo();
          model.residence().holdOut(!model.isOnDemand());
        });
  }

  private void change(String name, Consumer<ModelRecord> change) {
    lock.lock();
    try {
      ModelRecord model = models.get(name);
      if (model == null || model.config() == null || closing) {
        throw new ServingException(
            Category.NOT_FOUND, "model " + name + ": not known (expected: a configured model)");
      }
      change.accept(model);
      onDemand.cold().setOnDemand(name, model.isOnDemand());
      reconcile();
    } finally {
      lock.unlock();
    }
  }

  /** Adds what is remembered of how often models were used. */
  void rememberUses(Map<String, Double> uses) {
    lock.lock();
    try {
      onDemand.remember(uses);
    } finally {
      lock.unlock();
    }
  }

  /** How often models on demand were used of late. */
  Map<String, Double> uses() {
    lock.lock();
    try {
      return onDemand.uses();
    } finally {
      lock.unlock();
    }
  }

  /** What is set aside for versions in memory, in bytes. */
  long usedBytes() {
    lock.lock();
    try {
      return ledger().usedBytes();
    } finally {
      lock.unlock();
    }
  }

  // --- waiting for what was configured ---

  /** Counts as settled, for {@link #awaitWholly}, only what the source says from now on. */
  void awaitNews(String name) {
    lock.lock();
    try {
      Optional.ofNullable(models.get(name)).ifPresent(ModelRecord::awaitNews);
    } finally {
      lock.unlock();
    }
  }

  /** Blocks until these models have settled, and says why those that failed did. */
  Map<String, String> await(Set<String> names, Duration limit) {
    return settlement.await(names, limit, settlement::settled);
  }

  /**
   * Blocks until all wanted versions of a model have settled.
   *
   * @return why those that are not available are not; "" if all are
   */
  String awaitWholly(String name, Duration limit) {
    return settlement.await(Set.of(name), limit, settlement::settledWholly).getOrDefault(name, "");
  }

  // --- what the source says ---

  @Override
  public void publish(String name, List<Wanted> wanted) {
    lock.lock();
    try {
      ModelRecord model = models.get(name);
      if (model != null && model.config() != null && !closing) {
        model.want(wanted, time);
        problems.remove(name);
        reconcile();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void unreadable(String name, String problem) {
    lock.lock();
    try {
      ModelRecord model = models.get(name);
      if (model != null && model.config() != null && !closing) {
        model.unreadable(problem);
        report(name, problem);
        reconcile();
      }
    } finally {
      lock.unlock();
    }
  }

  private void report(String name, String problem) {
    if (!problem.equals(problems.put(name, problem))) {
      listener.onProblem(name, problem);
    }
  }

  // --- reconciling ---

  /** Does what time has made due, or requests ask for. Called now and then. */
  void reconcileOnce() {
    lock.lock();
    try {
      List<ModelRecord> active = OnDemand.inTurn(models.values());
      onDemand.takeUses(active);
      onDemand.letGo(active);
      if (settled && !closing) {
        onDemand.preload(models, ledger());
      }
      reconcile();
    } finally {
      lock.unlock();
    }
  }

  private void reconcile() {
    onDemand.takeAsked(models);
    MemoryLedger memory = ledger();
    List<ModelRecord> active = OnDemand.inTurn(models.values());
    for (ModelRecord model : active) {
      reconcile(model, memory);
    }
    onDemand.answer(models);
    for (ModelRecord model : onDemand.evictions(active, memory)) {
      model.residence().letGo();
      reconcile(model, memory);
    }
    forgetModels();
    settle();
    changed.signalAll();
  }

  private MemoryLedger ledger() {
    return MemoryLedger.of(options.memoryBudgetBytes(), models.values());
  }

  private void reconcile(ModelRecord model, MemoryLedger memory) {
    dropUnwanted(model);
    restAndWake(model);
    inspect(model);
    act(model, memory);
    model.forgetEnded();
    model.done();
  }

  private void settle() {
    Set<String> waiting = unsettled;
    if (!settled && waiting != null) {
      waiting.removeIf(name -> settlement.settled(name).isPresent());
      settled = waiting.isEmpty();
    }
  }

  private void dropUnwanted(ModelRecord model) {
    for (VersionRecord version : model.versions()) {
      boolean waits =
          version.state() == VersionState.START || version.state() == VersionState.NOT_LOADED;
      if (!version.isWanted() && waits) {
        enter(version, VersionState.END, "not wanted any more");
      }
    }
  }

  private void restAndWake(ModelRecord model) {
    for (VersionRecord version : model.toRest()) {
      version.restart(time);
      enter(version, VersionState.NOT_LOADED, model.whyNotLoaded());
    }
    for (VersionRecord version : model.toWake()) {
      version.restart(time);
      enter(version, VersionState.START, "");
    }
  }

  private void forgetModels() {
    List<String> gone =
        models.values().stream()
            .filter(m -> m.config() == null && !m.isInMemory())
            .map(ModelRecord::name)
            .toList();
    gone.stream().limit(Math.max(0, gone.size() - FORGOTTEN_MODELS_KEPT)).forEach(models::remove);
  }

  private void act(ModelRecord model, MemoryLedger memory) {
    while (true) {
      long nowNs = time.nanoTime();
      for (VersionRecord version : model.versions()) {
        if (version.wantsToLoad(nowNs)) {
          admit(model, version, memory);
        }
      }
      switch (options.swap().next(model.candidates(nowNs)).orElse(null)) {
        case Action.Load(var candidate) ->
            load(model, model.versions().get(candidate.index()), memory);
        case Action.Unload(var candidate) -> retire(model, model.versions().get(candidate.index()));
        case null -> {
          return;
        }
      }
    }
  }

  /** Says whether there is memory for a version that could be loaded now. */
  private void admit(ModelRecord model, VersionRecord version, MemoryLedger memory) {
    VersionRecord.Loadable what = version.loadable();
    if (what == null) {
      return;
    }
    if (model.residence().isAhead() && !memory.hasRoom(what.memoryBoundBytes())) {
      onDemand.doesNotFit(model);
      return;
    }
    MemoryLedger.Verdict verdict = memory.ask(version, what.memoryBoundBytes());
    version.setRoom(verdict);
    if (verdict == MemoryLedger.Verdict.NEVER) {
      refuse(version, what.memoryBoundBytes(), memory);
    }
  }

  private void refuse(VersionRecord version, long needed, MemoryLedger memory) {
    String numbers =
        "memory: "
            + needed
            + " bytes needed beside "
            + memory.usedBytes()
            + " in use (expected: at most "
            + memory.budgetBytes()
            + " together)";
    version.setError(new ServingException(Category.RESOURCE_EXHAUSTED, numbers));
    enter(version, VersionState.START, numbers);
  }

  // --- files ---

  private void inspect(ModelRecord model) {
    ModelConfig config = model.config();
    if (config == null) {
      return;
    }
    long nowNs = time.nanoTime();
    for (VersionRecord version : model.versions()) {
      if (version.isInspectionDue(nowNs)) {
        inspect(version, config.platform());
      }
    }
  }

  private void inspect(VersionRecord version, String platform) {
    FileWatch before = version.beginInspection();
    try {
      executors.inspections.execute(
          () -> inspected(version, inspector.look(version.directory(), platform, before)));
    } catch (RuntimeException | Error e) {
      Inspector.Look none =
          new Inspector.Look(before, new Inspector.Verdict.Waiting("not looked at: " + e));
      version.endInspection(none, time.nanoTime(), options.inspectionInterval());
      take(version, none);
    }
  }

  private void inspected(VersionRecord version, Inspector.Look look) {
    lock.lock();
    try {
      version.endInspection(look, time.nanoTime(), options.inspectionInterval());
      boolean open = version.state() == VersionState.START || version.state() == VersionState.END;
      if (version.isWanted() && open) {
        take(version, look);
      }
      reconcile();
    } finally {
      lock.unlock();
    }
  }

  private void take(VersionRecord version, Inspector.Look look) {
    if (version.failedWithTheseFiles()) {
      return;
    }
    switch (look.verdict()) {
      case Inspector.Verdict.Waiting(String reason) -> enter(version, VersionState.START, reason);
      case Inspector.Verdict.Hopeless(String reason) -> {
        version.setError(new ServingException(Category.NOT_FOUND, reason));
        enter(version, VersionState.END, reason);
      }
      case Inspector.Verdict.Ready ready ->
          enter(version, VersionState.START, version.isCrowded() ? version.reason() : "");
    }
  }

  // --- loading ---

  private void load(ModelRecord model, VersionRecord version, MemoryLedger memory) {
    VersionRecord.Loadable what = version.loadable();
    if (what == null) {
      throw new IllegalStateException(version.id() + " is not loadable");
    }
    version.reserve(what.memoryBoundBytes());
    memory.take(what.memoryBoundBytes(), model.residence().isEvictable());
    enter(version, VersionState.LOADING, "");
    try {
      executors.loads.execute(() -> load(model, version, what));
    } catch (RuntimeException | Error e) {
      failed(version, what, new ServingException(Category.INTERNAL, "not begun: " + e, e), false);
    }
  }

  private void load(ModelRecord model, VersionRecord version, VersionRecord.Loadable what) {
    if (isStillWanted(model, version)) {
      loaded(model, version, what, loader.load(version.id(), version.directory(), what));
    }
  }

  private boolean isStillWanted(ModelRecord model, VersionRecord version) {
    lock.lock();
    try {
      boolean wanted = version.isWanted() && model.isResident();
      if (!wanted) {
        version.forgetFiles(time.nanoTime());
        enter(version, VersionState.END, "not wanted any more");
        reconcile();
      }
      return wanted;
    } finally {
      lock.unlock();
    }
  }

  private void loaded(
      ModelRecord model,
      VersionRecord version,
      VersionRecord.Loadable what,
      Loader.Outcome outcome) {
    lock.lock();
    try {
      switch (outcome) {
        case Loader.Outcome.Loaded(var served, var memoryBytes, var isMeasured, var took) -> {
          if (isMeasured) {
            version.measured(what.files(), memoryBytes);
          }
          version.loaded(
              served, version.measured(what.files()).orElse(memoryBytes), time.nanoTime());
          available(model, version, took);
        }
        case Loader.Outcome.FilesChanged() -> {
          version.forgetFiles(time.nanoTime());
          enter(version, VersionState.START, "waiting for files: they changed while being loaded");
        }
        case Loader.Outcome.Failed(var cause, boolean forGood) ->
            failed(version, what, cause, forGood);
      }
      reconcile();
    } finally {
      lock.unlock();
    }
  }

  private void available(ModelRecord model, VersionRecord version, Duration took) {
    if (!version.isWanted() || !model.isResident()) {
      retire(model, version);
      return;
    }
    // Whoever hears of it may ask at once: it is given out before it is told.
    boolean entered = version.enter(VersionState.AVAILABLE, "", time.now());
    snapshot = snapshot.with(model);
    if (entered) {
      listener.onState(version.id(), VersionState.AVAILABLE, "");
    }
    if (model.isOnDemand()) {
      onDemand.statistics().loaded();
    }
    listener.onLoaded(version.id(), took, model.isOnDemand());
  }

  private void failed(
      VersionRecord version, VersionRecord.Loadable what, ServingException cause, boolean forGood) {
    Duration interval = options.loadRetryInterval();
    long nextNs = time.nanoTime() + interval.toNanos();
    int failures = version.failed(cause, what.files(), forGood, nextNs);
    int tries = options.maxLoadRetries() + 1;
    String which = "load failed (try " + failures + " of " + tries + "): " + cause.getMessage();
    if (failures >= tries) {
      enter(version, VersionState.END, which);
    } else {
      String next = "; next try at " + time.now().plus(interval) + ", or when its files change";
      enter(version, VersionState.START, which + next);
    }
  }

  // --- unloading ---

  private void retire(ModelRecord model, VersionRecord version) {
    ServedVersion served = version.served();
    if (served == null) {
      throw new IllegalStateException(version.id() + " is not loaded");
    }
    enter(version, VersionState.UNLOADING, "");
    snapshot = snapshot.with(model);
    served.retire(() -> executors.unloads.execute(() -> unload(model, version, served)));
  }

  private void unload(ModelRecord model, VersionRecord version, ServedVersion served) {
    String problem = "";
    try {
      loader.unload(served);
    } catch (RuntimeException | Error e) {
      problem = "closing failed: " + e;
    }
    unloaded(model, version, problem);
  }

  private void unloaded(ModelRecord model, VersionRecord version, String problem) {
    lock.lock();
    try {
      version.unloaded();
      if (!problem.isEmpty()) {
        report(version.id().model(), version.id() + ": " + problem);
      }
      boolean rests = problem.isEmpty() && version.isWanted() && !model.isResident();
      if (!rests) {
        enter(version, VersionState.END, problem);
      }
      if (version.isWanted()) {
        version.restart(time);
        enter(
            version,
            rests ? VersionState.NOT_LOADED : VersionState.START,
            rests ? model.whyNotLoaded() : "");
      }
      reconcile();
    } finally {
      lock.unlock();
    }
  }

  private void enter(VersionRecord version, VersionState state, String reason) {
    if (version.enter(state, reason, time.now())) {
      listener.onState(version.id(), state, reason);
    }
  }

  // --- the end ---

  /** From now on nothing is wanted. */
  void beginClose() {
    lock.lock();
    try {
      closing = true;
      for (ModelRecord model : models.values()) {
        onDemand.cold().setOnDemand(model.name(), false);
        model.deconfigure();
      }
      reconcile();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Blocks until nothing is in memory.
   *
   * @return false if something still was after {@code limit}
   */
  boolean awaitEmpty(Duration limit) {
    lock.lock();
    try {
      long leftNs = limit.toNanos();
      while (models.values().stream().anyMatch(ModelRecord::isInMemory)) {
        if (leftNs <= 0) {
          reportLeftovers(limit);
          return false;
        }
        leftNs = changed.awaitNanos(leftNs);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void reportLeftovers(Duration limit) {
    for (ModelRecord model : models.values()) {
      for (VersionRecord version : model.versions()) {
        if (version.isInMemory()) {
          ServedVersion served = version.served();
          String state =
              served == null ? version.state().name() : served.leases() + " lease(s) not closed";
          report(model.name(), version.id() + " was not unloaded within " + limit + ": " + state);
        }
      }
    }
  }

  // --- status ---

  Optional<ModelStatus> status(String name) {
    lock.lock();
    try {
      return Optional.ofNullable(models.get(name)).map(ModelRecord::status);
    } finally {
      lock.unlock();
    }
  }

  List<ModelStatus> statuses() {
    lock.lock();
    try {
      List<ModelStatus> statuses = new ArrayList<>();
      for (ModelRecord model : models.values()) {
        if (model.config() != null) {
          statuses.add(model.status());
        }
      }
      return statuses;
    } finally {
      lock.unlock();
    }
  }
}
