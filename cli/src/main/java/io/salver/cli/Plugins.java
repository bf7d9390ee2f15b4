package io.salver.cli;

import io.salver.cli.config.EnginesConfig;
import io.salver.engine.ApiClassLoader;
import io.salver.engine.Engine;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Engines that come in jars of their own: a directory holds a sub-directory for each, whose jars
 * name classes in {@code META-INF/services/io.salver.engine.Engine}. Each sub-directory has a class
 * loader of its own, which sees of the server what engines are written against, and nothing else.
 *
 * <p>A native library belongs to one class loader for as long as the process lives. So a
 * sub-directory is opened once, however many servers the process starts.
 */
final class Plugins {
  /** The system property by which the launcher names the directory. */
  static final String PROPERTY = "salver.plugins";

  private static final Set<String> PACKAGES =
      Set.of(
          "io.salver.engine",
          "io.salver.model",
          "io.salver.predict",
          "io.salver.tensor",
          "io.salver.wire",
          "org.jspecify.annotations");

  private static final Map<Path, ClassLoader> OPEN = new HashMap<>();

  private Plugins() {}

  /**
   * The engines of all plug-ins, and one for each known plug-in that is not there, which says of
   * its models how to get it.
   *
   * @throws StartException if a plug-in cannot be opened
   */
  static List<Engine> engines(EnginesConfig config) {
    List<Engine> engines = new ArrayList<>();
    Optional<Path> directory = directory(config);
    if (directory.isPresent()) {
      for (Path plugin : subdirectories(directory.get(), config.plugins().isPresent())) {
        engines.addAll(open(plugin));
      }
    }
    Set<String> names = engines.stream().map(Engine::name).collect(Collectors.toSet());
    for (PluginFormat format : PluginFormat.values()) {
      if (!names.contains(format.engine())) {
        engines.add(new AbsentPlugin(format));
      }
    }
    return engines;
  }

  /** Where plug-ins are looked for: what is configured, or else what the launcher says. */
  static Optional<Path> directory(EnginesConfig config) {
    return config
        .plugins()
        .or(() -> Optional.ofNullable(System.getProperty(PROPERTY)).map(Path::of));
  }

  private static List<Path> subdirectories(Path directory, boolean required) {
    if (!required && !Files.isDirectory(directory)) {
      return List.of();
    }
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, Plugins::isPlugin)) {
      all.forEach(found::add);
    } catch (IOException e) {
      throw new StartException("engines.plugins: " + directory + ": " + e, e);
    }
    Collections.sort(found);
    return found;
  }

  /** A name with a dot before it is of a copy that is under way. */
  private static boolean isPlugin(Path path) {
    return Files.isDirectory(path) && !path.getFileName().toString().startsWith(".");
  }

  private static List<Engine> open(Path plugin) {
    List<Engine> engines = new ArrayList<>();
    try {
      ServiceLoader.load(Engine.class, classes(plugin.toRealPath())).forEach(engines::add);
    } catch (IOException | ServiceConfigurationError | LinkageError e) {
      throw new StartException("plug-in " + plugin + ": " + e.getMessage(), e);
    }
    if (engines.isEmpty()) {
      throw new StartException(
          "plug-in " + plugin + ": no engine in its jars (expected: at least one)");
    }
    return engines;
  }

  private static ClassLoader classes(Path plugin) throws IOException {
    synchronized (OPEN) {
      ClassLoader open = OPEN.get(plugin);
      if (open == null) {
        open =
            new URLClassLoader(
                "plug-in " + plugin.getFileName(), jars(plugin), new ApiClassLoader(PACKAGES));
        OPEN.put(plugin, open);
      }
      return open;
    }
  }

  private static URL[] jars(Path plugin) throws IOException {
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(plugin, "*.jar")) {
      all.forEach(jars::add);
    }
    Collections.sort(jars);
    URL[] urls = new URL[jars.size()];
    for (int i = 0; i < urls.length; i++) {
      urls[i] = jars.get(i).toUri().toURL();
    }
    return urls;
  }
}
