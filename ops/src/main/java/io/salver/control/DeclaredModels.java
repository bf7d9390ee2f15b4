package io.salver.control;

import io.salver.endpoint.AuditEntry;
import io.salver.endpoint.AuditLog;
import io.salver.endpoint.ControlStore;
import io.salver.endpoint.Endpoints;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.ModelControl;
import io.salver.lifecycle.ModelManager;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The models as configurations declare them, with what was {@linkplain Requested asked for} of them
 * by request laid over. The newest word holds: what was asked for, until a configuration says
 * something else of the model than it did then, or a client replaces the configuration. What was
 * asked for of models that are not declared is kept until they are.
 *
 * <p>As a {@link ModelControl} it takes and gives what is declared. Thread-safe; changes block on
 * the disk.
 */
public final class DeclaredModels implements ModelControl {
  private static final System.Logger LOG = System.getLogger(DeclaredModels.class.getName());
  private static final String KEY = "model/";

  /** What is kept of models that are not declared any more must not grow for ever. */
  private static final int MAX_REQUESTED = 10_000;

  private final ModelManager models;
  private final ControlStore store;
  private final AuditLog audit;
  private final AllowedStores allowed;
  private final ReentrantLock lock = new ReentrantLock();
  private Map<String, ModelConfig> declared = new LinkedHashMap<>();
  private Map<String, Requested> requested = new HashMap<>();

  /**
   * No models yet.
   *
   * @param models serves them as it is told
   * @param store where what is asked for is kept
   * @param allowed from where clients may have models served
   */
  public DeclaredModels(
      ModelManager models, ControlStore store, AuditLog audit, AllowedStores allowed) {
    this.models = models;
    this.store = store;
    this.audit = audit;
    this.allowed = allowed;
  }

  /**
   * What a model is declared as, and what holds of it by request.
   *
   * @param config without what was asked for
   */
  record State(ModelConfig config, Requested requested) {}

  // --- whole configurations ---

  /**
   * Starts the models with what is declared and what is kept. Called once, before anything else.
   *
   * @throws ServingException if the configuration is refused, the store cannot be read or written,
   *     or has something that cannot be read
   */
  public void start(List<ModelConfig> first) {
    lock.lock();
    try {
      Map<String, Requested> kept = store.read(DeclaredModels::kept);
      Set<String> outdated = outdated(first, kept);
      if (!outdated.isEmpty()) {
        store.change(transaction -> drop(outdated, transaction));
      }
      requested = without(outdated, kept);
      declared = byName(first);
      reportAbsent();
      models.start(laidOver(first, requested), names(Requested::isOut));
      names(Requested::isIn).forEach(models::load);
    } finally {
      lock.unlock();
    }
  }

  private static Map<String, Requested> kept(ControlStore.View view) {
    Map<String, Requested> kept = new HashMap<>();
    view.settings(KEY).forEach((key, value) -> kept.put(key.substring(KEY.length()), read(value)));
    return kept;
  }

  private static Requested read(String value) {
    try {
      return Requested.read(value);
    } catch (IllegalArgumentException e) {
      throw new ServingException(Category.FAILED_PRECONDITION, "state store: " + e.getMessage(), e);
    }
  }

  private void reportAbsent() {
    Set<String> absent = new TreeSet<>(requested.keySet());
    absent.removeAll(declared.keySet());
    if (!absent.isEmpty()) {
      LOG.log(
          System.Logger.Level.INFO,
          "Kept for models that are not configured now, should they come: what was asked for of {0}",
          absent);
    }
  }

  private static Map<String, ModelConfig> byName(Collection<ModelConfig> configs) {
    Map<String, ModelConfig> byName = new LinkedHashMap<>();
    configs.forEach(config -> byName.put(config.name(), config));
    return byName;
  }

  private Set<String> names(Predicate<Requested> which) {
    return declared.values().stream()
        .filter(config -> which.test(holding(config, requested)))
        .map(ModelConfig::name)
        .collect(Collectors.toSet());
  }

  /** The models of which a configuration says something else than when something was asked for. */
  private static Set<String> outdated(
      Collection<ModelConfig> configs, Map<String, Requested> asked) {
    Set<String> names = new TreeSet<>();
    for (ModelConfig config : configs) {
      Requested before = asked.get(config.name());
      if (before != null && !before.holdsFor(config)) {
        names.add(config.name());
      }
    }
    return names;
  }

  private static Map<String, Requested> without(Set<String> names, Map<String, Requested> asked) {
    Map<String, Requested> rest = new HashMap<>(asked);
    rest.keySet().removeAll(names);
    return rest;
  }

  private void drop(Set<String> names, ControlStore.Transaction transaction) {
    for (String name : names) {
      transaction.deleteSetting(KEY + name);
      AuditLog.Action action =
          new AuditLog.Action(
              Endpoints.CONFIGURATION, "reset", target(name), "its configuration has changed");
      transaction.audit(audit.entry(action, AuditEntry.DONE));
    }
  }

  /** What the audit log calls a model. */
  static String target(String model) {
    return "model/" + model;
  }

  private static List<ModelConfig> laidOver(
      Collection<ModelConfig> configs, Map<String, Requested> asked) {
    return configs.stream().map(config -> holding(config, asked).over(config)).toList();
  }

  private static Requested holding(ModelConfig config, Map<String, Requested> all) {
    Requested asked = all.get(config.name());
    return asked != null && asked.holdsFor(config) ? asked : Requested.nothing(config);
  }

  /**
   * Takes configurations from a file: what was asked for holds on, except of models of which the
   * file says something else now.
   */
  public Configurations fromFile() {
    return (configs, limit, taken) -> {
      Set<String> added;
      lock.lock();
      try {
        Set<String> outdated = outdated(configs, requested);
        added = replace(configs, outdated, taken, transaction -> drop(outdated, transaction));
      } finally {
        lock.unlock();
      }
      return models.awaitSettled(added, limit);
    };
  }

  /**
   * Takes configurations that a client sends: of the models that it names, nothing holds on that
   * was asked for before. It goes into the audit log, also where it is refused.
   */
  public Configurations byRequest(String actor) {
    return (configs, limit, taken) -> {
      Set<String> names = byName(configs).keySet();
      AuditLog.Action action =
          new AuditLog.Action(actor, "reload", "models", String.join(", ", names));
      Set<String> added;
      lock.lock();
      try {
        allowed.check(configs, declared.values());
        added = replace(configs, names, taken, transaction -> forget(names, action, transaction));
      } catch (ServingException e) {
        audit.refused(action, e);
        throw e;
      } finally {
        lock.unlock();
      }
      return models.awaitSettled(added, limit);
    };
  }

  private void forget(
      Set<String> names, AuditLog.Action action, ControlStore.Transaction transaction) {
    names.forEach(name -> transaction.deleteSetting(KEY + name));
    transaction.audit(audit.entry(action, AuditEntry.DONE));
  }

  /**
   * Replaces what is declared, and forgets what was asked for of some models.
   *
   * @return the names of the models that are new
   */
  private Set<String> replace(
      List<ModelConfig> configs,
      Set<String> forgotten,
      Runnable taken,
      Consumer<ControlStore.Transaction> keep) {
    Map<String, Requested> asked = without(forgotten, requested);
    List<ModelConfig> next = laidOver(configs, asked);
    models.check(next);
    // Kept first: what cannot be kept must not have models unloaded that stay.
    store.change(transaction -> {
      keep.accept(transaction);
      taken.run();
    });
    Set<String> added = models.replace(next);
    Set<String> out = names(Requested::isOut);
    requested = asked;
    declared = byName(configs);
    Set<String> outNow = names(Requested::isOut);
    for (ModelConfig config : next) {
      String name = config.name();
      boolean wasOut = out.contains(name) && !added.contains(name);
      if (wasOut != outNow.contains(name)) {
        place(config, wasOut, !wasOut);
      }
    }
    return added;
  }

  /** Has a model in memory that is to stay there, unless it is to be out by request. */
  private void place(ModelConfig model, boolean wasOut, boolean isOut) {
    if (isOut && !wasOut) {
      models.unload(model.name());
    } else if (!isOut && model.staysLoaded()) {
      models.load(model.name());
    }
  }

  // --- model by model, as declared ---

  @Override
  public Optional<ModelConfig> configured(String model) {
    lock.lock();
    try {
      return Optional.ofNullable(declared.get(model));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void serve(ModelConfig model) {
    lock.lock();
    try {
      Requested holds = holding(model, requested);
      ModelConfig next = holds.over(model);
      models.serve(next);
      ModelConfig before = declared.put(model.name(), model);
      boolean wasOut = before != null && holding(before, requested).isOut();
      place(next, wasOut, holds.isOut());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean withdraw(String model) {
    lock.lock();
    try {
      declared.remove(model);
      return models.withdraw(model);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<String> await(String model, Duration limit) {
    return models.await(model, limit);
  }

  @Override
  public void load(String model) {
    models.load(model);
  }

  @Override
  public void unload(String model) {
    models.unload(model);
  }

  @Override
  public Set<Long> versions(ModelConfig model) {
    return models.versions(model);
  }

  @Override
  public MemoryUse memory() {
    return models.memory();
  }

  // --- what is asked for ---

  /** How a model stands now; empty if it is not declared. */
  Optional<State> state(String model) {
    return configured(model).map(config -> new State(config, holding(config)));
  }

  private Requested holding(ModelConfig config) {
    lock.lock();
    try {
      return holding(config, requested);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Serves a model with {@code wanted} in place of what holds of it, which is not kept yet.
   *
   * @throws ServingException ABORTED if the model was declared anew meanwhile; if that is refused;
   *     in both cases nothing has changed
   */
  void tryOut(State before, Requested wanted) {
    lock.lock();
    try {
      checkSame(before);
      serve(before, wanted);
    } finally {
      lock.unlock();
    }
  }

  /** Serves a model again as it is declared and asked for now, after something else was tried. */
  void goBack(String model, Requested tried) {
    lock.lock();
    try {
      Optional<State> now = state(model);
      if (now.isPresent()) {
        serve(new State(now.get().config, tried), now.get().requested);
      }
    } finally {
      lock.unlock();
    }
  }

  private void serve(State before, Requested wanted) {
    String name = before.config.name();
    ModelConfig next = wanted.over(before.config);
    if (!models.configured(name).equals(Optional.of(next))) {
      models.serve(next);
    }
    place(next, before.requested.isOut(), wanted.isOut());
  }

  /**
   * Keeps what was tried out, in one transaction with its entry in the audit log. If it cannot be
   * kept, that is in the audit log.
   *
   * @throws ServingException ABORTED if the model was declared anew meanwhile; what the store fails
   *     with
   */
  void keep(State before, Requested wanted, AuditLog.Action action) {
    String name = before.config.name();
    lock.lock();
    try {
      Map<String, Requested> next = new HashMap<>(requested);
      if (wanted.isNothing()) {
        next.remove(name);
      } else {
        next.put(name, wanted);
      }
      audit.audited(
          action,
          transaction -> {
            checkSame(before);
            checkRoom(next);
            if (wanted.isNothing()) {
              transaction.deleteSetting(KEY + name);
            } else {
              transaction.putSetting(KEY + name, wanted.write());
            }
            return Boolean.TRUE;
          });
      requested = next;
    } finally {
      lock.unlock();
    }
  }

  private void checkSame(State before) {
    @Nullable State now = state(before.config.name()).orElse(null);
    if (!before.equals(now)) {
      throw new ServingException(
          Category.ABORTED,
          "model "
              + before.config.name()
              + ": configured anew meanwhile (expected: another try; nothing was changed)");
    }
  }

  private static void checkRoom(Map<String, Requested> all) {
    if (all.size() > MAX_REQUESTED) {
      throw new ServingException(
          Category.FAILED_PRECONDITION,
          "models of which something was asked for: "
              + all.size()
              + " (expected: at most "
              + MAX_REQUESTED
              + ")");
    }
  }
}
