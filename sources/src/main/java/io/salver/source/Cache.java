package io.salver.source;

import io.salver.lifecycle.ModelConfig;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
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

  private final Path root;
  private final Quota quota;
  private @Nullable FileChannel lock;

  Cache(Path root, long limitBytes) {
    this(root, limitBytes, Cache::usableBytes);
  }

  Cache(Path root, long limitBytes, ToLongFunction<Path> usableBytes) {
    this.root = root;
    this.quota = new Quota(root, limitBytes, usableBytes, this::deletePartials);
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
    for (ModelCache model : models()) {
      if (!models.contains(model)) {
        Trees.delete(model.root());
      }
    }
  }

  private List<ModelCache> models() throws IOException {
    List<ModelCache> models = new ArrayList<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(root, Files::isDirectory)) {
      for (Path child : children) {
        if (MODEL.matcher(child.getFileName().toString()).matches()) {
          models.add(new ModelCache(child));
        }
      }
    }
    return models;
  }

  /**
   * A claim for a version that is going to be downloaded.
   *
   * @throws StoreException if it cannot be found out what the cache has
   */
  Quota.Claim claim(ModelCache model, StoredVersion version) throws StoreException {
    return quota.claim(model.partial(version));
  }

  /** Deletes what has come of versions that nobody is downloading. */
  private void deletePartials(Set<Path> active) throws IOException {
    for (ModelCache model : models()) {
      model.deletePartials(active);
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
