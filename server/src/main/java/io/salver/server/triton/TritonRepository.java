package io.salver.server.triton;

import io.salver.engine.ModelLoadException;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.VersionPolicy;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A directory of models in Triton's layout: {@code <model>/config.pbtxt}, which may be missing, and
 * {@code <model>/<version>/}. Looks at the file system whenever it is asked. Thread-safe.
 */
public final class TritonRepository {
  private static final int MAX_NAME_BYTES = 255;

  private final Path directory;
  private final boolean onDemand;
  private final Set<String> pinned;

  /** The models in {@code directory}. */
  public TritonRepository(Path directory) {
    this(directory, false, Set.of());
  }

  /**
   * The same, loaded at once or not.
   *
   * @param onDemand whether models are loaded when they are first asked for
   * @param pinned the names of those that stay loaded even so
   */
  public TritonRepository(Path directory, boolean onDemand, Set<String> pinned) {
    this.directory = directory.toAbsolutePath().normalize();
    this.onDemand = onDemand;
    this.pinned = Set.copyOf(pinned);
  }

  /** Where it is. */
  public Path directory() {
    return directory;
  }

  /**
   * The names of the models that are there now, in order.
   *
   * @throws ServingException UNAVAILABLE if the directory cannot be read
   */
  public List<String> names() {
    TreeSet<String> names = new TreeSet<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
      for (Path child : children) {
        String name = child.getFileName().toString();
        if (!name.startsWith(".") && Files.isDirectory(child)) {
          names.add(name);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new ServingException(
          Category.UNAVAILABLE, "model repository: " + directory + " cannot be read: " + e, e);
    }
    return new ArrayList<>(names);
  }

  /**
   * How the model of this name is to be served.
   *
   * @return empty if there is no directory of this name
   * @throws ServingException INVALID_ARGUMENT if it cannot be a model's name
   */
  public Optional<ModelConfig> model(String name) {
    Path model = directory.resolve(checkName(name));
    return Files.isDirectory(model)
        ? Optional.of(model(name, model).withResidence(onDemand, pinned.contains(name)))
        : Optional.empty();
  }

  /** A model in a directory of its own; a configuration that is wrong is told when it loads. */
  static ModelConfig model(String name, Path directory) {
    VersionPolicy versions;
    try {
      versions =
          TritonConfig.read(directory).map(TritonConfig::versions).orElse(VersionPolicy.LATEST);
    } catch (ModelLoadException e) {
      versions = VersionPolicy.LATEST;
    }
    return new ModelConfig(name, directory, "", versions, Map.of());
  }

  /**
   * Sees that a name leads nowhere but into the directory.
   *
   * @throws ServingException INVALID_ARGUMENT if it might
   */
  static String checkName(String name) {
    boolean fits =
        !name.isEmpty()
            && !name.startsWith(".")
            && name.indexOf('/') < 0
            && name.chars().noneMatch(Character::isISOControl)
            && name.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES;
    if (!fits) {
      throw ServingException.invalid(
          "invalid model name '"
              + name
              + "', model name must not contain path traversal characters"
              + " (expected: the name of a directory)");
    }
    return name;
  }
}
