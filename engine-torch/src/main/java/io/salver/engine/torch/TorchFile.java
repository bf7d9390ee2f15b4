package io.salver.engine.torch;

import io.salver.engine.Inspection;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The file of a version.
 *
 * @param path where it is
 * @param sizeBytes how large it was when it was found
 */
record TorchFile(Path path, long sizeBytes) {
  /** How the names of such files end. */
  static final List<String> ENDINGS = List.of(".pt", ".pth", ".jit", ".ts", ".torchscript");

  private static final String USUAL_NAME = "model.pt";

  /** What a module's code, graphs and their optimised copies may take beside its numbers. */
  private static final long CODE_BYTES = 16L << 20;

  /** {@code model.pt}, or the only file with one of the endings; empty if neither is there. */
  static Optional<TorchFile> find(ModelFiles files) {
    try {
      Path usual = files.resolve(USUAL_NAME);
      if (Files.isRegularFile(usual)) {
        return Optional.of(new TorchFile(usual, Files.size(usual)));
      }
      Path only = null;
      try (DirectoryStream<Path> all = Files.newDirectoryStream(files.directory(), TorchFile::is)) {
        for (Path file : all) {
          if (only != null) {
            return Optional.empty();
          }
          only = files.resolve(file.getFileName().toString());
        }
      }
      return only == null ? Optional.empty() : Optional.of(new TorchFile(only, Files.size(only)));
    } catch (IOException | ModelLoadException e) {
      return Optional.empty();
    }
  }

  private static boolean is(Path file) {
    String name = file.getFileName().toString();
    return ENDINGS.stream().anyMatch(name::endsWith) && Files.isRegularFile(file);
  }

  /**
   * Whether it may be loaded. A file that is no zip archive at its end may still be on its way; one
   * that begins like a pickle never becomes one.
   */
  Inspection inspect() {
    try {
      if (TorchArchive.isPickle(path)) {
        return new Inspection.Refused(TorchArchive.pickleRefusal(path));
      }
      TorchArchive.requireDirectory(path);
      return new Inspection.Ready(memoryBoundBytes());
    } catch (ModelLoadException e) {
      return new Inspection.Incomplete(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return new Inspection.Incomplete(path + ": " + e);
    }
  }

  /** Numbers are copied into libtorch's memory, and constants again when a graph is optimised. */
  long memoryBoundBytes() {
    return 2 * sizeBytes + CODE_BYTES;
  }
}
