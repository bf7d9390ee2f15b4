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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
import java.util.function.Function;
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

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, ModelRecord> models = new TreeMap<>();
  private final Map<String, String> problems = new HashMap<>();
  private @Nullable Set<String> startModels;
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
    while (true) {
      ModelLease lease = snapshot.find(model, selector).tryLease();
      if (lease != null) {
        return lease;
      }
      Thread.onSpinWait();
    }
  }

  /** Whether every model of the first configuration has settled at some time. */
  boolean isSettled() {
    return settled;
  }

  // --- configuration ---

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
      if (closing) {
        throw new ServingException(Category.UNAVAILABLE, "the server is shutting down");
      }
      Map<String, ModelConfig> byName =
          wanted.stream().collect(Collectors.toMap(ModelConfig::name, c -> c));
      checkChanges(byName);
      Set<String> added = apply(byName);
      if (startModels == null) {
        startModels = Set.copyOf(added);
      }
      publishSnapshot();
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
    });
    models.values().stream()
        .filter(m -> !byName.containsKey(m.name()))
        .forEach(ModelRecord::deconfigure);
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
    return await(names, limit, this::settledModel);
  }

  /**
   * Blocks until all wanted versions of a model have settled.
   *
   * @return why those that are not available are not; "" if all are
   */
  String awaitWholly(String name, Duration limit) {
    return await(Set.of(name), limit, this::wholeModel).getOrDefault(name, "");
  }

  private Map<String, String> await(
      Set<String> names, Duration limit, Function<String, Optional<String>> settled) {
    lock.lock();
    try {
      long leftNs = limit.toNanos();
      while (!names.stream().allMatch(name -> settled.apply(name).isPresent())) {
        if (leftNs <= 0) {
          throw new ServingException(Category.DEADLINE_EXCEEDED, unfinished(names, limit));
        }
        leftNs = changed.awaitNanos(leftNs);
      }
      return failures(names, settled);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServingException(Category.CANCELLED, "interrupted while models were loading", e);
    } finally {
      lock.unlock();
    }
  }

  private Optional<String> settledModel(String name) {
    ModelRecord model = models.get(name);
    if (model == null || model.config() == null) {
      return Optional.of("not configured any more");
    }
    return model.settled(time.nanoTime(), options.loadRetryInterval().toNanos());
  }

  private Optional<String> wholeModel(String name) {
    ModelRecord model = models.get(name);
    if (model == null || model.config() == null) {
      return Optional.of("not configured any more");
    }
    return model.settledWholly(time.nanoTime(), options.loadRetryInterval().toNanos());
  }

  private static Map<String, String> failures(
      Set<String> names, Function<String, Optional<String>> settled) {
    Map<String, String> failures = new LinkedHashMap<>();
    for (String name : new TreeSet<>(names)) {
      settled.apply(name).filter(why -> !why.isEmpty()).ifPresent(why -> failures.put(name, why));
    }
    return failures;
  }

  private String unfinished(Set<String> names, Duration limit) {
    Map<String, String> waiting = new LinkedHashMap<>();
    for (String name : new TreeSet<>(names)) {
      ModelRecord model = models.get(name);
      if (model != null && !model.isAvailable()) {
        waiting.put(name, model.status().reason());
      }
    }
    return waiting.size() + " model(s) not available after " + limit + ": " + waiting;
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

  /** Does what time has made due. Called now and then. */
  void reconcileOnce() {
    lock.lock();
    try {
      reconcile();
    } finally {
      lock.unlock();
    }
  }

  private void reconcile() {
    for (ModelRecord model : models.values()) {
      dropUnwanted(model);
      inspect(model);
      act(model);
      model.forgetEnded();
    }
    forgetModels();
    if (!settled && startModels != null) {
      settled = startModels.stream().allMatch(name -> settledModel(name).isPresent());
    }
    changed.signalAll();
  }

  private void dropUnwanted(ModelRecord model) {
    for (VersionRecord version : model.versions()) {
      if (!version.isWanted() && version.state() == VersionState.START) {
        enter(version, VersionState.END, "not wanted any more");
      }
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

  private void act(ModelRecord model) {
    while (true) {
      long nowNs = time.nanoTime();
      model.versions().stream().filter(v -> v.wantsToLoad(nowNs)).forEach(this::admit);
      switch (options.swap().next(model.candidates(nowNs)).orElse(null)) {
        case Action.Load(var candidate) -> load(model, model.versions().get(candidate.index()));
        case Action.Unload(var candidate) -> retire(model.versions().get(candidate.index()));
        case null -> {
          return;
        }
      }
    }
  }

  /** Says whether there is memory for a version that could be loaded now. */
  private void admit(VersionRecord version) {
    VersionRecord.Loadable what = version.loadable();
    if (what == null) {
      return;
    }
    long budget = options.memoryBudgetBytes();
    long used = usedBytes();
    boolean fits = what.memoryBoundBytes() <= budget - used;
    version.setCrowded(!fits);
    if (!fits) {
      refuse(version, what.memoryBoundBytes(), used, budget);
    }
  }

  private void refuse(VersionRecord version, long needed, long used, long budget) {
    String numbers =
        "memory: "
            + needed
            + " bytes needed beside "
            + used
            + " in use (expected: at most "
            + budget
            + " together)";
    version.setError(new ServingException(Category.RESOURCE_EXHAUSTED, numbers));
    enter(version, VersionState.START, numbers);
  }

  private long usedBytes() {
    return models.values().stream()
        .flatMap(m -> m.versions().stream())
        .mapToLong(VersionRecord::memoryBytes)
        .sum();
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

  private void load(ModelRecord model, VersionRecord version) {
    VersionRecord.Loadable what = version.loadable();
    if (what == null) {
      throw new IllegalStateException(version.id() + " is not loadable");
    }
    version.reserve(what.memoryBoundBytes());
    enter(version, VersionState.LOADING, "");
    try {
      executors.loads.execute(() -> load(model, version, what));
    } catch (RuntimeException | Error e) {
      failed(version, what, new ServingException(Category.INTERNAL, "not begun: " + e, e), false);
    }
  }

  private void load(ModelRecord model, VersionRecord version, VersionRecord.Loadable what) {
    if (isStillWanted(version)) {
      loaded(model, version, what, loader.load(version.id(), version.directory(), what));
    }
  }

  private boolean isStillWanted(VersionRecord version) {
    lock.lock();
    try {
      if (!version.isWanted()) {
        version.forgetFiles(time.nanoTime());
        enter(version, VersionState.END, "not wanted any more");
        reconcile();
      }
      return version.isWanted();
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
        case Loader.Outcome.Loaded(var served, var took) -> available(version, served, took);
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

  private void available(VersionRecord version, ServedVersion served, Duration took) {
    version.loaded(served);
    if (version.isWanted()) {
      // Whoever hears of it may ask at once: it is given out before it is told.
      boolean entered = version.enter(VersionState.AVAILABLE, "", time.now());
      publishSnapshot();
      if (entered) {
        listener.onState(version.id(), VersionState.AVAILABLE, "");
      }
      listener.onLoaded(version.id(), took);
    } else {
      retire(version);
    }
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

  private void retire(VersionRecord version) {
    ServedVersion served = version.served();
    if (served == null) {
      throw new IllegalStateException(version.id() + " is not loaded");
    }
    enter(version, VersionState.UNLOADING, "");
    publishSnapshot();
    served.retire(() -> executors.unloads.execute(() -> unload(version, served)));
  }

  private void unload(VersionRecord version, ServedVersion served) {
    String problem = "";
    try {
      served.close();
      MallocTrim.run();
    } catch (RuntimeException | Error e) {
      problem = "closing failed: " + e;
    }
    unloaded(version, problem);
  }

  private void unloaded(VersionRecord version, String problem) {
    lock.lock();
    try {
      version.unloaded();
      if (!problem.isEmpty()) {
        report(version.id().model(), version.id() + ": " + problem);
      }
      enter(version, VersionState.END, problem);
      if (version.isWanted()) {
        version.restart(time);
        enter(version, VersionState.START, "");
      }
      reconcile();
    } finally {
      lock.unlock();
    }
  }

  private void publishSnapshot() {
    Map<String, ServedSnapshot.Entry> entries = new HashMap<>();
    for (ModelRecord model : models.values()) {
      entries.put(model.name(), new ServedSnapshot.Entry(model.served(), model.labels()));
    }
    snapshot = new ServedSnapshot(entries);
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
      models.values().forEach(ModelRecord::deconfigure);
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
