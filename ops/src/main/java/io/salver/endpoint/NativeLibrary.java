package io.salver.endpoint;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where SQLite's native library lies outside its jar. */
@FunctionalInterface
public interface NativeLibrary {
  /** The driver unpacks it itself, among the temporary files, for each process. */
  NativeLibrary DRIVERS_OWN = () -> null;

  /**
   * The directory with the library, unpacked if need be. Asked for when a store is first opened.
   *
   * @return null to leave it to the driver
   * @throws IOException if it cannot be unpacked
   */
  @Nullable Path directory() throws IOException;
}
