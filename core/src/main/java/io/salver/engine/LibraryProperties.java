package io.salver.engine;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * System properties for libraries that read their settings from these once, when they begin.
 *
 * <p>They are the whole process's. Two engines, each with a library of the same kind in a class
 * loader of its own, would see each other's: hence one at a time, and as before afterwards.
 */
public final class LibraryProperties {
  private LibraryProperties() {}

  /** What makes a library read its settings. */
  @FunctionalInterface
  public interface Start<E extends Exception> {
    void run() throws E;
  }

  /**
   * What a library that is called through JavaCPP is to be started with. Memory is freed by scopes,
   * without a thread that waits for garbage; and it is accounted for by Salver, so JavaCPP's own
   * limit, which is a multiple of the heap's, must not stop a run. Each library has a cache of its
   * own, because a native library belongs to one class loader.
   *
   * @param library its name, for the directory
   */
  public static Map<String, String> ofJavaCpp(String library) {
    return Map.of(
        "org.bytedeco.javacpp.cachedir",
        NativeCache.directory().resolve("javacpp-" + library).toString(),
        "org.bytedeco.javacpp.nopointergc",
        "true",
        "org.bytedeco.javacpp.maxbytes",
        "0",
        "org.bytedeco.javacpp.maxphysicalbytes",
        "0");
  }

  /**
   * Starts a library with these properties.
   *
   * @throws E what {@code start} throws
   */
  public static <E extends Exception> void with(Map<String, String> properties, Start<E> start)
      throws E {
    synchronized (LibraryProperties.class) {
      Map<String, @Nullable String> before = new HashMap<>();
      properties.forEach((name, value) -> {
        before.put(name, System.setProperty(name, value));
      });
      try {
        start.run();
      } finally {
        before.forEach(LibraryProperties::restore);
      }
    }
  }

  private static void restore(String name, @Nullable String value) {
    if (value == null) {
      System.clearProperty(name);
    } else {
      System.setProperty(name, value);
    }
  }
}
