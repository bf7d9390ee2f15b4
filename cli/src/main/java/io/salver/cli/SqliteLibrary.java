package io.salver.cli;

import io.salver.endpoint.NativeLibrary;
import io.salver.engine.nativelib.NativeBundle;
import io.salver.engine.nativelib.NativeLibraries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** SQLite's library, unpacked where those of the engines are. */
final class SqliteLibrary implements NativeLibrary {
  private static final NativeBundle BUNDLE =
      new NativeBundle(
          "sqlite",
          Map.of(
              "linux-amd64", "org/sqlite/native/Linux/x86_64",
              "linux-aarch64", "org/sqlite/native/Linux/aarch64"),
          List.of("libsqlitejdbc.so"));

  @Override
  public Path directory() throws IOException {
    return NativeLibraries.unpack(SqliteLibrary.class.getClassLoader(), BUNDLE);
  }
}
