package io.salver.engine;

import java.nio.file.Path;

/** Where Salver keeps what it can make or fetch again, native libraries above all. */
public final class NativeCache {
  /** The system property that names the directory. */
  public static final String PROPERTY = "salver.native.cache";

  private NativeCache() {}

  /**
   * Where engines unpack the native libraries that come in jars: what the property says, otherwise
   * {@code native} below {@link #home()}. It need not be there yet.
   */
  public static Path directory() {
    String configured = System.getProperty(PROPERTY);
    return configured == null ? home().resolve("native") : Path.of(configured).toAbsolutePath();
  }

  /** {@code salver} below {@code XDG_CACHE_HOME} or {@code ~/.cache}. It need not be there yet. */
  public static Path home() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg != null && Path.of(xdg).isAbsolute()
            ? Path.of(xdg)
            : Path.of(System.getProperty("user.home", "/nonexistent"), ".cache");
    return base.resolve("salver");
  }
}
