package io.salver.engine;

import java.nio.file.Path;

/** Where engines unpack the native libraries that come in jars. */
public final class NativeCache {
  /** The system property that names the directory. */
  public static final String PROPERTY = "salver.native.cache";

  private NativeCache() {}

  /**
   * The directory: what the property says, otherwise {@code salver/native} below {@code
   * XDG_CACHE_HOME} or {@code ~/.cache}. It need not be there yet.
   */
  public static Path directory() {
    String configured = System.getProperty(PROPERTY);
    if (configured != null) {
      return Path.of(configured).toAbsolutePath();
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg != null && Path.of(xdg).isAbsolute()
            ? Path.of(xdg)
            : Path.of(System.getProperty("user.home", "/nonexistent"), ".cache");
    return base.resolve("salver").resolve("native");
  }
}
