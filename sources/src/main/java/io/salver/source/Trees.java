package io.salver.source;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What is done to whole directories. Links are not followed. */
final class Trees {
  private Trees() {}

  /** The bytes of all files below a directory; 0 if it is not there. */
  static long sizeBytes(Path directory) throws IOException {
    AtomicLong total = new AtomicLong();
    visit(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            total.addAndGet(attributes.size());
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            return goneOr(e);
          }
        });
    return total.get();
  }

  /** Deletes a directory and all below it; does nothing if it is not there. */
  static void delete(Path directory) throws IOException {
    visit(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e)
              throws IOException {
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            return goneOr(e);
          }
        });
  }

  /** Makes a directory and all below it outlast a loss of power. */
  static void sync(Path directory) throws IOException {
    visit(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            force(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e)
              throws IOException {
            force(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Makes one file, or the names in one directory, outlast a loss of power. */
  static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void visit(Path directory, SimpleFileVisitor<Path> visitor) throws IOException {
    if (Files.isDirectory(directory)) {
      Files.walkFileTree(directory, visitor);
    }
  }

  /** What goes away during a walk counts as never seen. */
  private static FileVisitResult goneOr(IOException e) throws IOException {
    if (e instanceof NoSuchFileException) {
      return FileVisitResult.CONTINUE;
    }
    throw e;
  }
}
