package io.salver.source;

import io.salver.lifecycle.VersionDirectories;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What is kept of one model: {@code FINGERPRINT/NUMBER/} are whole versions, and {@code
 * partial/FINGERPRINT/} one that is on its way, with its {@code files/} and what is known of them
 * in {@code progress/}. A version comes among the whole ones by one renaming, and goes by another.
 * Used by one thread at a time, but for what says otherwise.
 */
record ModelCache(Path root) {
  private static final String PARTIAL = "partial";
  private static final String FILES = "files";
  private static final String PROGRESS = "progress";
  private static final String DELETED = "deleted";

  private Path home(StoredVersion version) {
    return root.resolve(version.fingerprint());
  }

  private Path directory(StoredVersion version) {
    return home(version).resolve(Long.toString(version.number()));
  }

  /** The directory of a version, if it is here as a whole. */
  Optional<Path> find(StoredVersion version) {
    return Optional.of(directory(version)).filter(Files::isDirectory);
  }

  /** All whole versions; of two with one number, the one that came last. */
  NavigableMap<Long, Path> complete() throws IOException {
    NavigableMap<Long, Path> found = new TreeMap<>();
    Map<Path, FileTime> times = new HashMap<>();
    for (Path directory : children(root)) {
      for (Path version : isKept(directory) ? children(directory) : Set.<Path>of()) {
        OptionalLong number = VersionDirectories.number(version.getFileName().toString());
        if (number.isPresent()) {
          times.put(version, Files.getLastModifiedTime(directory));
          found.merge(
              number.getAsLong(),
              version,
              (a, b) -> Comparator.<Path, FileTime>comparing(times::get).compare(a, b) > 0 ? a : b);
        }
      }
    }
    return found;
  }

  private static boolean isKept(Path directory) {
    return !directory.endsWith(PARTIAL);
  }

  private static Set<Path> children(Path directory) throws IOException {
    Set<Path> children = new java.util.TreeSet<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, Files::isDirectory)) {
      all.forEach(children::add);
    } catch (NoSuchFileException e) {
      return Set.of();
    }
    return children;
  }

  /** Where a version is while it is on its way. */
  Path partial(StoredVersion version) {
    return root.resolve(PARTIAL).resolve(version.fingerprint());
  }

  /** Where a file of a version that is on its way is written; its directory is made. */
  Path partialFile(StoredVersion version, StoredFile file) throws IOException {
    return below(partial(version).resolve(FILES), file);
  }

  /** Where it is written down how far that file is; its directory is made. */
  Path progressFile(StoredVersion version, StoredFile file) throws IOException {
    Path directory = Files.createDirectories(partial(version).resolve(PROGRESS));
    return directory.resolve(StoredVersion.fingerprint(file.path()));
  }

  private static Path below(Path directory, StoredFile file) throws IOException {
    Path path = directory.resolve(file.path()).normalize();
    if (!path.startsWith(directory) || path.equals(directory)) {
      throw new IOException("path outside of " + directory);
    }
    Files.createDirectories(path.getParent());
    return path;
  }

  /** Forgets what has come of a version that is on its way. */
  void discard(StoredVersion version) throws IOException {
    Trees.delete(partial(version));
  }

  /** Puts a version whose files are all there and verified among the whole ones. */
  Path commit(StoredVersion version) throws IOException {
    Path files = partial(version).resolve(FILES);
    Trees.sync(files);
    Path directory = directory(version);
    Path home = Files.createDirectories(home(version));
    Files.move(files, directory, StandardCopyOption.ATOMIC_MOVE);
    Trees.force(home);
    Trees.force(root);
    discard(version);
    return directory;
  }

  /**
   * Deletes what is not needed.
   *
   * @param wanted whole versions to keep
   * @param coming versions that are to go on where they are
   * @param partialsSince other versions go on, too, if something came of them after this
   * @param inUse says which directories must not be deleted yet
   * @return whether nothing is left that should go
   */
  boolean retain(Set<Path> wanted, Set<String> coming, Instant partialsSince, Predicate<Path> inUse)
      throws IOException {
    boolean clean = true;
    for (Path directory : children(root)) {
      for (Path version : isKept(directory) ? children(directory) : Set.<Path>of()) {
        if (!wanted.contains(version)) {
          if (inUse.test(version)) {
            clean = false;
          } else {
            deleteWhole(version);
          }
        }
      }
      if (isKept(directory) && children(directory).isEmpty()) {
        Trees.delete(directory);
      }
    }
    for (Path partial : children(root.resolve(PARTIAL))) {
      if (!coming.contains(partial.getFileName().toString())
          && changed(partial).isBefore(partialsSince)) {
        Trees.delete(partial);
      }
    }
    return clean;
  }

  /** When something came of a version that is on its way. */
  private static Instant changed(Path partial) throws IOException {
    try {
      return Files.getLastModifiedTime(partial.resolve(PROGRESS)).toInstant();
    } catch (NoSuchFileException e) {
      return Instant.MIN;
    }
  }

  /** Deletes all versions that are on their way but these directories; for any thread. */
  void deletePartials(Set<Path> active) throws IOException {
    for (Path partial : children(root.resolve(PARTIAL))) {
      if (!active.contains(partial)) {
        Trees.delete(partial);
      }
    }
  }

  /** Renamed first: what is half deleted must not be taken for a whole version. */
  private void deleteWhole(Path version) throws IOException {
    Path grave = Files.createDirectories(root.resolve(PARTIAL)).resolve(DELETED);
    Trees.delete(grave);
    Files.move(version, grave, StandardCopyOption.ATOMIC_MOVE);
    Trees.delete(grave);
  }
}
