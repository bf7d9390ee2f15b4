package io.salver.engine.steps;

import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads a file of a model with one entry on each line, in UTF-8. */
final class LabelFile {
  private static final int MAX_BYTES = 16 << 20;

  private LabelFile() {}

  /**
   * The lines; an empty last one is none.
   *
   * @throws ModelLoadException if there is no such file in the model's directory, or it has no line
   */
  static List<byte[]> read(ModelFiles files, String name) throws ModelLoadException {
    Path file = files.resolve(name);
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (IOException e) {
      throw new ModelLoadException("file: \"" + name + "\" cannot be read: " + e, e);
    }
    if (bytes.length > MAX_BYTES) {
      throw new ModelLoadException(
          "file: \"" + name + "\" (expected: at most " + MAX_BYTES + " bytes)");
    }
    List<byte[]> lines =
        new String(bytes, StandardCharsets.UTF_8)
            .lines()
            .map(line -> line.strip().getBytes(StandardCharsets.UTF_8))
            .toList();
    if (lines.isEmpty()) {
      throw new ModelLoadException("file: \"" + name + "\" is empty (expected: a line for each)");
    }
    return lines;
  }
}
