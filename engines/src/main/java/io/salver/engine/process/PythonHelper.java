package io.salver.engine.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file that makes a Python function a worker, as workers import it. */
final class PythonHelper {
  static final String MODULE = "salver_worker";

  private PythonHelper() {}

  /** Writes it into {@code directory}, from where the worker's {@code PYTHONPATH} has it. */
  static void writeTo(Path directory) throws IOException {
    String name = MODULE + ".py";
    try (InputStream source = PythonHelper.class.getResourceAsStream(name)) {
      if (source == null) {
        throw new IOException("resource " + name + " is missing");
      }
      Files.copy(source, directory.resolve(name));
    }
  }
}
