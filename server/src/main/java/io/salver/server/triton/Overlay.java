package io.salver.server.triton;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A model's directory that is put together for one load: the repository's versions, by links, or
 * files that came with the request, and the configuration that goes with them.
 *
 * @param root what {@link #delete} deletes
 * @param model the model's directory in it, which has the model's name
 */
record Overlay(Path root, Path model) {
  /** Files beside the versions, as lists of labels; a larger one is left out. */
  private static final long MAX_COPIED_BYTES = 16 << 20;

  /** Nobody else writes here: the files need not be waited for. */
  private static final FileTime LONG_AGO = FileTime.from(Instant.EPOCH);

  /**
   * Puts one together.
   *
   * @param parent where; nobody but this process may write there
   * @param source the model's directory, if it has one
   */
  static Overlay create(Path parent, String name, Optional<Path> source, Overrides overrides)
      throws IOException {
    Path root = Files.createTempDirectory(parent, "load-");
    Overlay overlay = new Overlay(root, root.resolve(name));
    try {
      Files.createDirectory(overlay.model);
      if (!overrides.files().isEmpty()) {
        overlay.write(overrides.files());
      } else if (source.isPresent()) {
        overlay.link(source.get());
      }
      Optional<String> config = overrides.configText();
      if (config.isPresent()) {
        Files.writeString(overlay.model.resolve(TritonConfig.FILE_NAME), config.get());
      }
      return overlay;
    } catch (IOException | RuntimeException e) {
      overlay.delete();
      throw e;
    }
  }

  private void write(Map<String, byte[]> files) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = model.resolve(file.getKey()).normalize();
      if (!path.startsWith(model)) {
        throw new IOException("outside of " + model + ": " + path);
      }
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
    age();
  }

  private void age() throws IOException {
    try (Stream<Path> all = Files.walk(model)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        Files.setLastModifiedTime(path, LONG_AGO);
      }
    }
  }

  private void link(Path source) throws IOException {
    List<Path> children;
    try (Stream<Path> all = Files.list(source)) {
      children = all.toList();
    }
    for (Path child : children) {
      Path target = model.resolve(child.getFileName());
      if (Files.isDirectory(child)) {
        Files.createSymbolicLink(target, child.toRealPath());
      } else if (Files.isRegularFile(child) && Files.size(child) <= MAX_COPIED_BYTES) {
        Files.copy(child, target);
      }
    }
  }

  /** Deletes it, but nothing that its links lead to. */
  void delete() throws IOException {
    deleteTree(root);
  }

  static void deleteTree(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
