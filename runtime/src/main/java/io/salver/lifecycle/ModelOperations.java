package io.salver.lifecycle;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What operators do to one model: load, unload, pin, roll back, label. Each is done wholly, or
 * fails and leaves the model as it was. What they change holds until the server ends, or a
 * configuration says otherwise.
 *
 * <p>Thread-safe; one operation at a time. All of it may block, and is not for a thread that serves
 * requests.
 */
public final class ModelOperations {
  private final ServedModels models;
  private final ModelControl control;
  private final Duration limit;
  private final ReentrantLock operating = new ReentrantLock();

  /**
   * The operations on {@code models}.
   *
   * @param limit how long a load is waited for
   */
  public ModelOperations(ServedModels models, ModelControl control, Duration limit) {
    this.models = models;
    this.control = control;
    this.limit = limit;
  }

  /** All models, by name. */
  public List<ModelStatus> list() {
    return models.statuses();
  }

  /** What models take, and may take. */
  public ModelControl.MemoryUse memory() {
    return control.memory();
  }

  /**
   * One model.
   *
   * @throws ServingException NOT_FOUND if it is not configured
   */
  public ModelStatus get(String model) {
    ModelConfig unused = configured(model);
    return models.status(model).orElseThrow(() -> unknown(model));
  }

  /**
   * Loads a model, and waits until it is.
   *
   * @throws ServingException NOT_FOUND if it is not configured; FAILED_PRECONDITION with the reason
   *     if it cannot be loaded
   */
  public ModelStatus load(String model) {
    return exclusively(() -> {
      control.load(model);
      failIf(control.await(model, limit), "model " + model + " was not loaded: ");
      return get(model);
    });
  }

  /**
   * Takes a model out of memory once the requests that have it are answered, and does not wait for
   * it.
   *
   * @throws ServingException NOT_FOUND if it is not configured; FAILED_PRECONDITION if it is pinned
   */
  public ModelStatus unload(String model) {
    return exclusively(() -> {
      control.unload(model);
      return get(model);
    });
  }

  /**
   * Loads a model and keeps it in memory, or ends that.
   *
   * @throws ServingException as {@link #load}
   */
  public ModelStatus pin(String model, boolean pinned) {
    return exclusively(() ->
        change(
            model,
            config -> config.withResidence(config.onDemand(), pinned),
            "model " + model + " was not pinned: "));
  }

  /**
   * Serves one version of a model and no other.
   *
   * @throws ServingException NOT_FOUND if there is no such model, or no such version of it;
   *     FAILED_PRECONDITION with the reason if it cannot be loaded
   */
  public ModelStatus rollBack(String model, long version) {
    return exclusively(() -> {
      requireVersion(configured(model), version);
      VersionPolicy only = new VersionPolicy.Specific(new TreeSet<>(Set.of(version)));
      return change(
          model,
          config -> config.withVersions(only),
          "model " + model + " was not rolled back to version " + version + ": ");
    });
  }

  /**
   * Replaces a model's labels.
   *
   * @throws ServingException NOT_FOUND if it is not configured; FAILED_PRECONDITION if a version is
   *     not available
   */
  public ModelStatus label(String model, Map<String, Long> labels) {
    return exclusively(
        () -> change(model, config -> config.withLabels(labels), "model " + model + ": labels: "));
  }

  private ModelStatus change(String model, UnaryOperator<ModelConfig> change, String what) {
    ModelConfig before = configured(model);
    control.serve(change.apply(before));
    Optional<String> problem;
    try {
      problem = control.await(model, limit);
    } catch (ServingException e) {
      control.serve(before);
      throw e;
    }
    if (problem.isPresent()) {
      control.serve(before);
    }
    failIf(problem, what);
    return get(model);
  }

  private static void failIf(Optional<String> problem, String what) {
    if (problem.isPresent()) {
      throw new ServingException(
          Category.FAILED_PRECONDITION, what + problem.get() + " (nothing was changed)");
    }
  }

  private void requireVersion(ModelConfig config, long version) {
    Set<Long> there = control.versions(config);
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

  private ModelConfig configured(String model) {
    return control.configured(model).orElseThrow(() -> unknown(model));
  }

  private static ServingException unknown(String model) {
    return new ServingException(
        Category.NOT_FOUND, "model " + model + ": not known (expected: a configured model)");
  }

  private ModelStatus exclusively(Supplier<ModelStatus> operation) {
    operating.lock();
    try {
      return operation.get();
    } finally {
      operating.unlock();
    }
  }
}
