package io.salver.engine.nativelib;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * One directory of the cache.
 *
 * @param directory exists and is writable, or complete
 */
record CacheEntry(Path directory) {
  private static final String TEMPORARY_SUFFIX = ".unpacking";

  /** What a process that was killed while it unpacked left behind is removed after this time. */
  private static final Duration ABANDONED_AFTER = Duration.ofDays(1);

  /** Sees that all resources are there, whole, and returns the directory. */
  Path fill(List<NativeResource> resources) throws IOException {
    for (NativeResource resource : resources) {
      Path file = directory.resolve(resource.fileName());
      if (!isWhole(file, resource)) {
        removeAbandoned();
        unpack(resource, file);
      }
    }
    return directory;
  }

  private static boolean isWhole(Path file, NativeResource resource) throws IOException {
    return Files.isRegularFile(file) && Files.size(file) == resource.sizeBytes();
  }

  private void unpack(NativeResource resource, Path file) throws IOException {
    Path temporary = directory.resolve("." + unique(resource.fileName()) + TEMPORARY_SUFFIX);
    try {
      copy(resource, temporary);
      if (!isWhole(file, resource)) {
        Files.move(
            temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new IOException(
          "native library: cannot unpack "
              + file
              + " ("
              + resource.sizeBytes()
              + " bytes; "
              + directory.toFile().getUsableSpace()
              + " bytes are free there; -D"
              + NativeLibraries.CACHE_PROPERTY
              + " names another place): "
              + e.getMessage(),
          e);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static String unique(String name) {
    return name + "-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
  }

  private static void copy(NativeResource resource, Path target) throws IOException {
    long copied;
    try (InputStream in = resource.open();
        OutputStream out = Files.newOutputStream(target)) {
      copied = in.transferTo(out);
    }
    if (copied != resource.sizeBytes()) {
      throw new IOException(
          resource.path() + ": " + copied + " bytes (expected: " + resource.sizeBytes() + ")");
    }
    if (!target.toFile().setWritable(false, false) || !target.toFile().setReadable(true, false)) {
      throw new IOException(target + ": cannot set its permissions");
    }
  }

  private void removeAbandoned() throws IOException {
    Instant before = Instant.now().minus(ABANDONED_AFTER);
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory, "*" + TEMPORARY_SUFFIX)) {
      for (Path file : files) {
        removeIfOlder(file, before);
      }
    }
  }

  private static void removeIfOlder(Path file, Instant before) throws IOException {
    try {
      if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException e) {
      // Another process has just put it in its place.
    }
  }
}
