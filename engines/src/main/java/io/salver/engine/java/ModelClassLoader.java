package io.salver.engine.java;

import io.salver.engine.ApiClassLoader;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Set;

/**
 * The classes of one version of a model: those of its own jars, of the Java platform, and of what
 * models are written against. The rest of the server, with the libraries it uses, is out of sight,
 * so that a model may bring its own versions of them.
 */
final class ModelClassLoader extends URLClassLoader {
  /** What the server shows to models. */
  private static final Set<String> PACKAGES =
      Set.of(
          "io.salver.engine",
          "io.salver.model",
          "io.salver.predict",
          "io.salver.tensor",
          "org.jspecify.annotations");

  static {
    registerAsParallelCapable();
  }

  ModelClassLoader(String name, URL[] jars) {
    super("model " + name, jars, new ApiClassLoader(PACKAGES));
  }
}
