package io.salver.engine.process;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directories of workers, one each, below one of the server's own in {@code /dev/shm}, or where
 * temporary files are if there is no such place. Those of a server that died are removed by the
 * next one: it finds that nobody holds their lock. Thread-safe.
 */
final class WorkerDirectories implements AutoCloseable {
  private static final Logger LOG = System.getLogger(WorkerDirectories.class.getName());
  private static final Path SHARED = Path.of("/dev/shm");
  private static final String PREFIX = "salver-workers-";
  private static final String LOCK = "lock";
  private static final Duration YOUNG = Duration.ofMinutes(1);
  private static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /**
   * The roots of this process, whose locks it must not open again: the system drops a process's
   * lock when it closes any descriptor of the file.
   */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private @Nullable Path root;
  private @Nullable FileChannel lock;

  /** A new directory that only this user may enter. */
  synchronized Path create() throws IOException {
    Path parent = root;
    if (parent == null) {
      parent = createRoot();
    }
    return Files.createTempDirectory(parent, "", PRIVATE);
  }

  private Path createRoot() throws IOException {
    Path base =
        Files.isWritable(SHARED) ? SHARED : Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    removeLeftovers(base);
    Path created = Files.createTempDirectory(base, PREFIX, PRIVATE);
    OWN.add(created);
    FileChannel channel =
        FileChannel.open(
            created.resolve(LOCK), Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    if (channel.tryLock() == null) {
      channel.close();
      throw new IOException(created + ": its lock is taken (expected: free, as it is new)");
    }
    root = created;
    lock = channel;
    return created;
  }

  private static void removeLeftovers(Path base) throws IOException {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(base, PREFIX + "*")) {
      for (Path directory : found) {
        if (!OWN.contains(directory) && isLeftOver(directory)) {
          remove(directory);
        }
      }
    }
  }

  private static boolean isLeftOver(Path directory) {
    try {
      Instant changed = Files.getLastModifiedTime(directory).toInstant();
      if (changed.isAfter(Instant.now().minus(YOUNG))) {
        return false;
      }
      try (FileChannel channel =
          FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE)) {
        return channel.tryLock() != null;
      }
    } catch (IOException | OverlappingFileLockException e) {
      return false;
    }
  }

  /** Removes a directory with what is in it; what cannot be removed is logged. */
  static void remove(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | java.io.UncheckedIOException e) {
      LOG.log(Level.WARNING, "{0}: not removed: {1}", directory, e.toString());
    }
  }

  @Override
  public synchronized void close() {
    Path directory = root;
    FileChannel channel = lock;
    if (directory != null && channel != null) {
      remove(directory);
      try {
        channel.close();
      } catch (IOException e) {
        LOG.log(Level.WARNING, "{0}: {1}", directory, e.toString());
      }
      OWN.remove(directory);
    }
    root = null;
  }
}
