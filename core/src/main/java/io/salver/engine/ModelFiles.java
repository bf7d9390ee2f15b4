package io.salver.engine;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The files of one version of a model, and nothing outside of them. Thread-safe. */
public final class ModelFiles {
  private final Path directory;

  /** The files below {@code directory}, which need not exist any more when they are asked for. */
  public ModelFiles(Path directory) {
    this.directory = directory.toAbsolutePath().normalize();
  }

  /** The version's directory. */
  public Path directory() {
    return directory;
  }

  /**
   * A file by its path inside the directory.
   *
   * @param relative with {@code /} between names
   * @throws ModelLoadException if it lies outside, by {@code ..}, an absolute path or a link
   */
  public Path resolve(String relative) throws ModelLoadException {
    Path file = directory.resolve(relative).normalize();
    if (!file.startsWith(directory)) {
      throw outside(relative);
    }
    try {
      if (Files.exists(file) && !file.toRealPath().startsWith(directory.toRealPath())) {
        throw outside(relative);
      }
    } catch (IOException e) {
      throw new ModelLoadException("file: \"" + relative + "\" in " + directory + ": " + e, e);
    }
    return file;
  }

  private ModelLoadException outside(String relative) {
    return new ModelLoadException(
        "file: \""
            + relative
            + "\" (expected: a file inside the model directory "
            + directory
            + ")");
  }

  /** The bytes of all files together. */
  public long sizeBytes() throws IOException {
    long total = 0;
    try (Stream<Path> files = Files.walk(directory, 16, FileVisitOption.FOLLOW_LINKS)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (Files.isRegularFile(file)) {
          total += Files.size(file);
        }
      }
    }
    return total;
  }

  @Override
  public String toString() {
    return directory.toString();
  }
}
