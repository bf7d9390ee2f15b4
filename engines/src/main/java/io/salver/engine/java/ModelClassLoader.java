package io.salver.engine.java;

import io.salver.engine.Model;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Objects;
import java.util.Set;

/**
 * The classes of one version of a model: those of its own jars, of the Java platform, and of what
 * models are written against. The rest of the server, with the libraries it uses, is out of sight,
 * so that a model may bring its own versions of them.
 */
final class ModelClassLoader extends URLClassLoader {
  static {
    registerAsParallelCapable();
  }

  ModelClassLoader(String name, URL[] jars) {
    super("model " + name, jars, new Api());
  }

  /** What the server shows to models. */
  private static final class Api extends ClassLoader {
    private static final Set<String> PACKAGES =
        Set.of(
            "io.salver.engine",
            "io.salver.model",
            "io.salver.predict",
            "io.salver.tensor",
            "org.jspecify.annotations");
    private static final ClassLoader SERVER =
        Objects.requireNonNull(Model.class.getClassLoader(), "Model is on the class path");

    static {
      registerAsParallelCapable();
    }

    Api() {
      super("salver api", getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      int dot = name.lastIndexOf('.');
      if (dot > 0 && PACKAGES.contains(name.substring(0, dot))) {
        return SERVER.loadClass(name);
      }
      throw new ClassNotFoundException(name);
    }
  }
}
