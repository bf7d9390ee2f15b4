package io.salver.source;

import io.salver.lifecycle.VersionDirectories;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The versions that a store has of a model.
 *
 * @param refused why some cannot be taken, by number
 */
record Listing(NavigableMap<Long, StoredVersion> versions, NavigableMap<Long, String> refused) {
  /** Puts files together to versions. */
  static final class Builder {
    private final Map<String, List<StoredFile>> directories = new HashMap<>();
    private final Map<String, Instant> newest = new HashMap<>();
    private final Map<String, String> problems = new HashMap<>();
    private final boolean complete;

    /**
     * A listing without versions.
     *
     * @param complete whether the store has been told what belongs to each
     */
    Builder(boolean complete) {
      this.complete = complete;
    }

    /** Adds a file, unless it does not lie in a version. */
    void add(String path, long sizeBytes, String tag, Optional<Digest> digest, Instant stored) {
      directory(path)
          .ifPresent(directory -> {
            String below = path.substring(directory.length() + 1);
            directories
                .computeIfAbsent(directory, _ -> new ArrayList<>())
                .add(new StoredFile(below, sizeBytes, tag.isEmpty() ? null : tag, digest));
            newest.merge(directory, stored, (a, b) -> a.isAfter(b) ? a : b);
          });
    }

    /** Refuses the version in which a file lies. */
    void refuse(String path, String reason) {
      directory(path).ifPresent(directory -> problems.putIfAbsent(directory, reason));
    }

    private static Optional<String> directory(String path) {
      int slash = path.indexOf('/');
      return slash < 0 || VersionDirectories.number(path.substring(0, slash)).isEmpty()
          ? Optional.empty()
          : Optional.of(path.substring(0, slash));
    }

    Listing build() {
      NavigableMap<Long, StoredVersion> versions = new TreeMap<>();
      directories.forEach((directory, files) -> {
        OptionalLong number = VersionDirectories.number(directory);
        StoredVersion version =
            new StoredVersion(
                number.getAsLong(),
                directory,
                files,
                newest.getOrDefault(directory, Instant.EPOCH),
                complete);
        versions.merge(version.number(), version, Builder::shorter);
      });
      NavigableMap<Long, String> refused = new TreeMap<>();
      for (StoredVersion version : versions.values()) {
        Optional.ofNullable(problems.get(version.directory()))
            .or(() -> StoredPaths.problem(version.files()))
            .ifPresent(problem -> refused.put(version.number(), problem));
      }
      versions.keySet().removeAll(refused.keySet());
      return new Listing(versions, refused);
    }

    /** Of two with one number that without leading zeros counts, as on disk. */
    private static StoredVersion shorter(StoredVersion a, StoredVersion b) {
      return a.directory().length() <= b.directory().length() ? a : b;
    }
  }
}
