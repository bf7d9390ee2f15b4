package io.salver.engine;

import java.util.Objects;
import java.util.Set;

/**
 * What the server shows of itself to code that others bring: some packages of this module, and the
 * Java platform. The rest of the server, with the libraries it uses, is out of sight, so that the
 * code may bring its own versions of them. A parent for the class loader of that code.
 */
public final class ApiClassLoader extends ClassLoader {
  private static final ClassLoader SERVER =
      Objects.requireNonNull(Engine.class.getClassLoader(), "Engine is on the class path");

  static {
    registerAsParallelCapable();
  }

  private final Set<String> packages;

  /**
   * A class loader that shows the classes of these packages as the server has them.
   *
   * @param packages their names, as {@code io.salver.engine}; not of packages within them
   */
  public ApiClassLoader(Set<String> packages) {
    super("salver api", getPlatformClassLoader());
    this.packages = Set.copyOf(packages);
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    int dot = name.lastIndexOf('.');
    if (dot > 0 && packages.contains(name.substring(0, dot))) {
      return SERVER.loadClass(name);
    }
    throw new ClassNotFoundException(name);
  }
}
