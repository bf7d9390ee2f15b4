package io.salver.source;

import io.salver.lifecycle.ModelConfig;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The directory in which versions from stores are kept, with a sub-directory for each model. It
 * belongs to one server at a time. Thread-safe.
 */
final class Cache implements AutoCloseable {
  private static final String LOCK = "salver-model-cache.lock";
  private static final Pattern MODEL = Pattern.compile("[A-Za-z0-9_-]{0,40}-[0-9a-f]{32}");

  /** What is left free on the disk for others. */
  private static final long SPARE_BYTES = 64 << 20;

  private final Path root;
  private final long limitBytes;
  private final ToLongFunction<Path> usableBytes;
  private @Nullable FileChannel lock;

  Cache(Path root, long limitBytes) {
    this(root, limitBytes, Cache::usableBytes);
  }

  Cache(Path root, long limitBytes, ToLongFunction<Path> usableBytes) {
    this.root = root;
    this.limitBytes = limitBytes;
    this.usableBytes = usableBytes;
  }

  private static long usableBytes(Path directory) {
    try {
      return Files.getFileStore(directory).getUsableSpace();
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }

  /**
   * Takes possession of the directory, unless that has been done.
   *
   * @throws StoreException if it cannot be made, belongs to another server, or has files of another
   *     kind
   */
  synchronized void open() throws StoreException {
    if (lock != null) {
      return;
    }
    try {
      Files.createDirectories(root);
      Path file = root.resolve(LOCK);
      if (!Files.exists(file) && !isEmpty(root)) {
        throw new StoreException(
            "stores.cache: " + root + " has other files in it (expected: an empty directory)");
      }
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!tryLock(channel)) {
        channel.close();
        throw new StoreException(
            "stores.cache: "
                + root
                + " is in use by another server (expected: a directory for each)");
      }
      lock = channel;
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw new StoreException("stores.cache: " + root + " cannot be used: " + e, e);
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
      return !children.iterator().hasNext();
    }
  }

  /** Where the versions of a model are kept, as long as it has this name and base path. */
  ModelCache of(ModelConfig model) {
    return new ModelCache(root.resolve(directoryName(model)));
  }

  private static String directoryName(ModelConfig model) {
    String slug = model.name().replaceAll("[^A-Za-z0-9_-]", "_");
    return slug.substring(0, Math.min(slug.length(), 40))
        + "-"
        + StoredVersion.fingerprint(model.name() + "\0" + model.basePath());
  }

  /** Deletes what is kept of all models but these. */
  void retain(Set<ModelCache> models) throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(root, Files::isDirectory)) {
      for (Path child : children) {
        boolean isModel = MODEL.matcher(child.getFileName().toString()).matches();
        if (isModel && !models.contains(new ModelCache(child))) {
          Trees.delete(child);
        }
      }
    }
  }

  /**
   * Checks that more can be written.
   *
   * @throws StoreException.NoRoom if the limit, or the disk, has no room for it
   */
  void requireRoom(long bytes) throws StoreException {
    long usable = usableBytes.applyAsLong(root);
    if (usable - SPARE_BYTES < bytes) {
      throw new StoreException.NoRoom(
          "stores.cache: the disk of "
              + root
              + " is full (expected: "
              + Sizes.shown(bytes)
              + " and "
              + Sizes.shown(SPARE_BYTES)
              + " to spare)");
    }
    if (limitBytes == Long.MAX_VALUE) {
      return;
    }
    long used;
    try {
      used = Trees.sizeBytes(root);
    } catch (IOException e) {
      throw new StoreException("stores.cache: " + root + " cannot be read: " + e, e);
    }
    if (limitBytes - used < bytes) {
      throw new StoreException.NoRoom(
          "stores.cache_size: "
              + Sizes.shown(limitBytes)
              + " does not hold "
              + Sizes.shown(bytes)
              + " more (expected: a larger cache, or fewer versions)");
    }
  }

  @Override
  public synchronized void close() {
    FileChannel channel = lock;
    lock = null;
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
