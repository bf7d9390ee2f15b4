package io.salver.server.triton;

import io.salver.lifecycle.BasePath;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.ModelControl;
import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.VersionState;
import io.salver.lifecycle.VersionStatus;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Loads and unloads models by name, where that is allowed, and lists those that there are.
 *
 * <p>The models are those that the server is configured with, and those in a repository. Changes go
 * through the lifecycle, as any other change of the configuration does; of two that concern one
 * model the second waits for the first.
 *
 * <p>Thread-safe. {@link #load} and {@link #unload} block and are not for a thread that serves
 * requests.
 */
public final class RepositoryControl implements AutoCloseable {
  private static final Logger LOG = System.getLogger(RepositoryControl.class.getName());
  private static final String NOT_ALLOWED =
      "explicit model load / unload is not allowed if polling is enabled";

  private final Options options;
  private final ServedModels served;
  private final ModelControl control;
  private final ConcurrentHashMap<String, ReentrantLock> busy = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Overlay> overlays = new ConcurrentHashMap<>();
  private volatile Map<String, ModelConfig> configured = Map.of();
  private @Nullable Path privateDirectory;
  private boolean closed;

  /**
   * What is allowed.
   *
   * @param explicit whether models are loaded and unloaded by request
   * @param uploads whether such a request may bring the model's files, which are code
   * @param repository where models are found beside those that are configured
   * @param limit how long a load is waited for
   */
  public record Options(
      boolean explicit, boolean uploads, Optional<TritonRepository> repository, Duration limit) {}

  /**
   * A model, or a version of it.
   *
   * @param version empty if none is known
   * @param state as {@code READY}; empty if the model was never loaded
   * @param reason why it is not ready; empty if there is nothing to say
   */
  public record Indexed(String name, String version, String state, String reason) {
    /** Whether it answers. */
    public boolean isReady() {
      return state.equals("READY");
    }
  }

  /** A control of what {@code control} changes and {@code served} shows. */
  public RepositoryControl(Options options, ServedModels served, ModelControl control) {
    this.options = options;
    this.served = served;
    this.control = control;
  }

  /** Says which models the server is configured with from now on, beside the repository's. */
  public void configured(List<ModelConfig> models) {
    configured =
        models.stream()
            .collect(Collectors.toUnmodifiableMap(ModelConfig::name, Function.identity()));
  }

  /**
   * All versions that are known of all models, by name; a model of which none is known has an entry
   * without a version.
   *
   * @param readyOnly only those that answer
   */
  public List<Indexed> index(boolean readyOnly) {
    Set<String> names = new TreeSet<>(configured.keySet());
    options.repository().map(TritonRepository::names).ifPresent(names::addAll);
    served.statuses().forEach(status -> names.add(status.name()));
    List<Indexed> index = new ArrayList<>();
    for (String name : names) {
      Optional<ModelStatus> status = served.status(name);
      List<VersionStatus> versions = status.map(ModelStatus::versions).orElse(List.of());
      if (versions.isEmpty()) {
        String reason = status.map(ModelStatus::reason).orElse("");
        index.add(new Indexed(name, "", reason.isEmpty() ? "" : "UNAVAILABLE", reason));
      }
      versions.reversed().forEach(version -> index.add(indexed(name, version)));
    }
    return readyOnly ? index.stream().filter(Indexed::isReady).toList() : index;
  }

  private static Indexed indexed(String name, VersionStatus version) {
    String number = Long.toString(version.version());
    String reason = version.reason();
    return switch (version.state()) {
      case AVAILABLE -> new Indexed(name, number, "READY", "");
      case LOADING -> new Indexed(name, number, "LOADING", reason);
      case UNLOADING -> new Indexed(name, number, "UNLOADING", reason);
      case START ->
          new Indexed(name, number, version.error() == null ? "LOADING" : "UNAVAILABLE", reason);
      case NOT_LOADED -> new Indexed(name, number, "UNAVAILABLE", reason);
      case END -> new Indexed(name, number, "UNAVAILABLE", reason.isEmpty() ? "unloaded" : reason);
    };
  }

  /**
   * Loads a model, or loads it anew from what its files are now, without a gap where it answers
   * already. If that fails, what answered before goes on answering.
   *
   * @throws ServingException UNAVAILABLE if models are not controlled by request; NOT_FOUND if
   *     there is no such model; INVALID_ARGUMENT with the reason if it could not be loaded, or
   *     cannot be as it is asked for
   */
  public void load(String model, Overrides overrides) {
    requireExplicit();
    if (!overrides.files().isEmpty() && !options.uploads()) {
      throw new ServingException(
          Category.PERMISSION_DENIED,
          "file: "
              + overrides.files().size()
              + " overrides (expected: none, as uploads are not allowed)");
    }
    TritonRepository.checkName(model);
    Optional<ModelConfig> own = find(model);
    if (own.isEmpty() && overrides.files().isEmpty()) {
      throw new ServingException(
          Category.NOT_FOUND,
          "failed to load '" + model + "', failed to poll from model repository");
    }
    exclusively(model, () -> load(model, own, overrides));
  }

  private void requireExplicit() {
    if (!options.explicit()) {
      throw new ServingException(Category.UNAVAILABLE, NOT_ALLOWED);
    }
  }

  private Optional<ModelConfig> find(String model) {
    ModelConfig own = configured.get(model);
    return own != null
        ? Optional.of(own)
        : options.repository().flatMap(repository -> repository.model(model));
  }

  private void exclusively(String model, Runnable action) {
    ReentrantLock lock = busy.computeIfAbsent(model, name -> new ReentrantLock());
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  private void load(String model, Optional<ModelConfig> own, Overrides overrides) {
    Optional<ModelConfig> before = control.configured(model).filter(config -> isServed(model));
    Overlay overlay =
        before.isPresent() || !overrides.isEmpty() ? overlay(model, own, overrides) : null;
    if (before.isEmpty()) {
      boolean unused = control.withdraw(model);
    }
    Overlay old = replaceOverlay(model, overlay);
    Optional<String> problem = serve(config(model, own, overlay));
    if (problem.isPresent()) {
      before.ifPresentOrElse(this::restore, () -> control.withdraw(model));
      delete(replaceOverlay(model, old));
      throw ServingException.invalid("load failed for model '" + model + "': " + problem.get());
    }
    delete(old);
  }

  private @Nullable Overlay replaceOverlay(String model, @Nullable Overlay overlay) {
    return overlay == null ? overlays.remove(model) : overlays.put(model, overlay);
  }

  private boolean isServed(String model) {
    return served.status(model).stream()
        .flatMap(status -> status.versions().stream())
        .anyMatch(version -> version.state() == VersionState.AVAILABLE);
  }

  private Optional<String> serve(ModelConfig config) {
    control.serve(config);
    control.load(config.name());
    return control.await(config.name(), options.limit());
  }

  /** What was served is still there: the wait is short, and its outcome is nobody's business. */
  private void restore(ModelConfig before) {
    Optional<String> unused = serve(before);
  }

  /** A model whose directory is laid over has what its new directory says. */
  private static ModelConfig config(
      String model, Optional<ModelConfig> own, @Nullable Overlay overlay) {
    if (overlay == null) {
      return own.orElseThrow();
    }
    ModelConfig found = TritonRepository.model(model, overlay.model());
    boolean keepsVersions = own.isPresent() && !hasConfig(overlay);
    return new ModelConfig(
        model,
        found.basePath(),
        own.map(ModelConfig::platform).orElse(""),
        keepsVersions ? own.get().versions() : found.versions(),
        own.map(ModelConfig::labels).orElse(Map.of()),
        own.isPresent() && own.get().onDemand(),
        own.isPresent() && own.get().pinned());
  }

  /** The versions of a model are linked to where they are: they have to be here. */
  private static Path directory(ModelConfig model) {
    return switch (model.basePath()) {
      case BasePath.Local(Path directory) -> directory;
      case BasePath.Remote(var uri) ->
          throw ServingException.invalid(
              "failed to load '"
                  + model.name()
                  + "': overrides for "
                  + uri
                  + " (expected: none, or a model in a directory of this machine)");
    };
  }

  private static boolean hasConfig(Overlay overlay) {
    return Files.isRegularFile(overlay.model().resolve(TritonConfig.FILE_NAME));
  }

  private synchronized Overlay overlay(
      String model, Optional<ModelConfig> own, Overrides overrides) {
    if (closed) {
      throw new ServingException(Category.UNAVAILABLE, "the server is shutting down");
    }
    try {
      Path parent = privateDirectory;
      if (parent == null) {
        parent = Files.createTempDirectory("salver-models-");
        privateDirectory = parent;
      }
      return Overlay.create(parent, model, own.map(RepositoryControl::directory), overrides);
    } catch (IOException e) {
      throw new ServingException(
          Category.INTERNAL, "failed to load '" + model + "': its files: " + e, e);
    }
  }

  /**
   * Looks at the repository, serves what has come into it, and no more what has gone from it. A
   * repository in which nothing is found is not believed. Called by one thread at a time.
   *
   * @throws ServingException UNAVAILABLE if it cannot be read
   */
  public void follow() {
    TritonRepository repository = options.repository().orElseThrow();
    List<String> names = repository.names();
    if (names.isEmpty()) {
      return;
    }
    for (String name : names) {
      if (!configured.containsKey(name)) {
        repository
            .model(name)
            .filter(model -> !control.configured(name).equals(Optional.of(model)))
            .ifPresent(control::serve);
      }
    }
    for (ModelStatus status : served.statuses()) {
      String name = status.name();
      if (!names.contains(name) && !configured.containsKey(name)) {
        boolean unused = control.withdraw(name);
      }
    }
  }

  private static void delete(@Nullable Overlay overlay) {
    if (overlay == null) {
      return;
    }
    try {
      overlay.delete();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "not deleted: " + overlay.root(), e);
    }
  }

  /**
   * Unloads a model: no new request gets it, and it goes when the last one that has it is answered.
   * Does nothing if it is not loaded.
   *
   * @throws ServingException UNAVAILABLE if models are not controlled by request
   */
  public void unload(String model) {
    requireExplicit();
    if (control.configured(model).isPresent()) {
      exclusively(
          model,
          () -> {
            boolean unused = control.withdraw(model);
            delete(overlays.remove(model));
          });
    }
  }

  /** Deletes what was written for loads; models that were loaded from there stay in memory. */
  @Override
  public synchronized void close() {
    closed = true;
    Path directory = privateDirectory;
    privateDirectory = null;
    if (directory != null) {
      try {
        Overlay.deleteTree(directory);
      } catch (IOException e) {
        LOG.log(Level.WARNING, "not deleted: " + directory, e);
      }
    }
  }
}
