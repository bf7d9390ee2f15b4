package io.salver.cli.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A directory of models in Triton's layout, and who says which of them are served.
 *
 * @param directory where it is; empty for none
 * @param control who says which models are served
 * @param load with {@link Control#EXPLICIT}, the models that are served from the start; {@code *}
 *     alone for all
 * @param uploads with {@link Control#EXPLICIT}, whether a request to load a model may bring the
 *     model's files: whoever may call the server can then run code in it
 * @param loadTimeout how long a request to load a model waits for it
 * @param onDemand whether its models are loaded when they are first asked for
 * @param pinned those of them that are loaded and stay so even then
 */
public record ModelRepositoryConfig(
    Optional<Path> directory,
    Control control,
    List<String> load,
    boolean uploads,
    Duration loadTimeout,
    boolean onDemand,
    Set<String> pinned) {
  /** Stands for every model of the repository. */
  public static final String ALL = "*";

  /** Nothing, and no model is loaded or unloaded by request. */
  public static final ModelRepositoryConfig DEFAULT =
      new ModelRepositoryConfig(
          Optional.empty(),
          Control.NONE,
          List.of(),
          false,
          Duration.ofMinutes(10),
          false,
          Set.of());

  /** Who says which models are served. */
  public enum Control {
    /** All that are in the directory at the start. */
    NONE,
    /** Requests. */
    EXPLICIT,
    /** All that are in the directory, which is looked at again and again. */
    POLL
  }

  public ModelRepositoryConfig {
    load = List.copyOf(load);
    pinned = Set.copyOf(pinned);
    if (loadTimeout.isNegative() || loadTimeout.isZero()) {
      throw new ConfigException("load_timeout: " + loadTimeout + " (expected: more than 0)");
    }
    if (!load.isEmpty() && (control != Control.EXPLICIT || directory.isEmpty())) {
      throw new ConfigException(
          "model_repository.load: "
              + load
              + " (expected: none, but with control: explicit and a"
              + " directory)");
    }
    if (load.contains(ALL) && load.size() > 1) {
      throw new ConfigException(
          "model_repository.load: " + load + " (expected: * alone, or names)");
    }
    if ((onDemand || !pinned.isEmpty()) && directory.isEmpty()) {
      throw new ConfigException(
          "model_repository.on_demand: "
              + onDemand
              + ", pinned: "
              + pinned
              + " (expected: neither without a directory)");
    }
    if (!pinned.isEmpty() && !onDemand) {
      throw new ConfigException(
          "model_repository.pinned: " + pinned + " (expected: none, but with on_demand: true)");
    }
    if (uploads && control != Control.EXPLICIT) {
      throw new ConfigException(
          "model_repository.uploads: true (expected: false, but with control: explicit)");
    }
    if (control == Control.POLL && directory.isEmpty()) {
      throw new ConfigException("model_repository.directory: none (expected: one to be polled)");
    }
  }
}
