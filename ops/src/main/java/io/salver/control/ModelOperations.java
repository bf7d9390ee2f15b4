package io.salver.control;

import io.salver.endpoint.AuditLog;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.ModelControl;
import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.VersionState;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What operators do to one model: load, unload, pin, roll back, label, reset. Each is tried first,
 * because only then is it known whether a version loads, and then kept with its entry in the audit
 * log, in one transaction; if either fails the model is as it was, and the entry says why.
 *
 * <p>Thread-safe; one operation at a time on each model. All of it may block, and is not for a
 * thread that serves requests.
 */
public final class ModelOperations {
  private final ServedModels served;
  private final DeclaredModels models;
  private final AuditLog audit;
  private final Duration limit;
  private final ModelTurns turns = new ModelTurns();

  /**
   * The operations on {@code models}.
   *
   * @param served shows how they are
   * @param limit how long a load is waited for
   */
  public ModelOperations(
      ServedModels served, DeclaredModels models, AuditLog audit, Duration limit) {
    this.served = served;
    this.models = models;
    this.audit = audit;
    this.limit = limit;
  }

  /**
   * A model as operators see it.
   *
   * @param requested what holds of it by request
   */
  public record Shown(ModelStatus status, Requested requested) {}

  /** All models, by name. */
  public List<Shown> list() {
    return served.statuses().stream().flatMap(status -> shown(status).stream()).toList();
  }

  private Optional<Shown> shown(ModelStatus status) {
    return models.state(status.name()).map(state -> new Shown(status, state.requested()));
  }

  /** What models take, and may take. */
  public ModelControl.MemoryUse memory() {
    return models.memory();
  }

  /**
   * One model.
   *
   * @throws ServingException NOT_FOUND if it is not configured
   */
  public Shown get(String model) {
    return served.status(model).flatMap(this::shown).orElseThrow(() -> unknown(model));
  }

  /**
   * Does what is asked of a model, and waits until what is to be loaded for it is; not for what is
   * to be unloaded.
   *
   * @param actor who asks
   * @return the model as it is then
   * @throws ServingException NOT_FOUND if it is not configured, or there is no such version of it;
   *     FAILED_PRECONDITION with the reason if it cannot be loaded, a label names a version that is
   *     not available, or what is pinned is to be unloaded; what the store fails with
   */
  public Shown perform(String model, ModelAction action, String actor) {
    AuditLog.Action entry =
        new AuditLog.Action(actor, action.text(), DeclaredModels.target(model), action.detail());
    turns.begin(model);
    try {
      DeclaredModels.State before;
      Requested wanted;
      boolean wasLoaded;
      try {
        before = models.state(model).orElseThrow(() -> unknown(model));
        wanted = before.requested().after(action, before.config());
        wasLoaded = isLoaded(model);
        tryOut(before, wanted, action);
      } catch (ServingException e) {
        audit.refused(entry, e);
        throw e;
      }
      try {
        models.keep(before, wanted, entry);
      } catch (ServingException e) {
        models.goBack(model, wanted);
        inMemoryAgain(model, action, wasLoaded);
        throw e;
      }
      return get(model);
    } finally {
      turns.end(model);
    }
  }

  private void tryOut(DeclaredModels.State before, Requested wanted, ModelAction action) {
    String model = before.config().name();
    if (action instanceof ModelAction.RollBack(long version)) {
      requireVersion(before.config(), version);
    }
    Optional<String> problem = Optional.empty();
    try {
      models.tryOut(before, wanted);
      if (action instanceof ModelAction.Unload) {
        models.unload(model);
      } else {
        if (action instanceof ModelAction.Load) {
          models.load(model);
        }
        problem = models.await(model, limit);
      }
    } catch (ServingException e) {
      models.goBack(model, wanted);
      throw e;
    }
    if (problem.isPresent()) {
      models.goBack(model, wanted);
      throw new ServingException(
          Category.FAILED_PRECONDITION,
          failed(model, action) + problem.get() + " (nothing was changed)");
    }
  }

  private static String failed(String model, ModelAction action) {
    String what =
        switch (action) {
          case ModelAction.Load() -> "was not loaded";
          case ModelAction.Unload() -> "was not unloaded";
          case ModelAction.Pin(boolean pinned) -> pinned ? "was not pinned" : "was not unpinned";
          case ModelAction.RollBack(long version) -> "was not rolled back to version " + version;
          case ModelAction.Label(_) -> "was not labelled";
          case ModelAction.Reset() -> "was not reset";
        };
    return "model " + model + " " + what + ": ";
  }

  private boolean isLoaded(String model) {
    return served.status(model).stream()
        .flatMap(status -> status.versions().stream())
        .anyMatch(version -> version.state() == VersionState.AVAILABLE);
  }

  /** A model on demand is in memory again, or not any more, after what could not be kept. */
  private void inMemoryAgain(String model, ModelAction action, boolean wasLoaded) {
    if (models.configured(model).isEmpty()) {
      return;
    }
    if (action instanceof ModelAction.Unload && wasLoaded) {
      models.load(model);
    } else if (action instanceof ModelAction.Load && !wasLoaded && get(model).status().onDemand()) {
      models.unload(model);
    }
  }

  private void requireVersion(ModelConfig config, long version) {
    Set<Long> there = models.versions(config);
    if (!there.contains(version)) {
      throw new ServingException(
          Category.NOT_FOUND,
          "model "
              + config.name()
              + ": version "
              + version
              + " (expected: one of "
              + there
              + "; nothing was changed)");
    }
  }

  private static ServingException unknown(String model) {
    return new ServingException(
        Category.NOT_FOUND, "model " + model + ": not known (expected: a configured model)");
  }
}
