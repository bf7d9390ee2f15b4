package io.salver.lifecycle;

import io.salver.model.ModelSource.Wanted;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The version directories below a base path: sub-directories, or links to directories, whose names
 * are made of digits. Of two with the same number the one with the shortest name counts, which is
 * the one without leading zeros.
 */
public final class VersionDirectories {
  private static final Comparator<Path> SHORTEST_NAME =
      Comparator.<Path>comparingInt(p -> p.getFileName().toString().length());

  private VersionDirectories() {}

  /**
   * All of them by number.
   *
   * @throws IOException if the base path cannot be read
   */
  public static NavigableMap<Long, Path> list(Path basePath) throws IOException {
    NavigableMap<Long, Path> found = new TreeMap<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(basePath)) {
      for (Path child : children) {
        OptionalLong number = number(child.getFileName().toString());
        if (number.isPresent() && Files.isDirectory(child)) {
          found.merge(
              number.getAsLong(), child, (a, b) -> SHORTEST_NAME.compare(a, b) <= 0 ? a : b);
        }
      }
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  /** The version that a directory's name stands for; empty if it stands for none. */
  public static OptionalLong number(String name) {
    if (name.isEmpty() || !name.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(name));
    } catch (NumberFormatException tooLarge) {
      return OptionalLong.empty();
    }
  }

  /** Those that the policy wants, lowest first. */
  static List<Wanted> choose(NavigableMap<Long, Path> found, VersionPolicy policy) {
    return policy.choose(found.navigableKeySet()).stream()
        .map(version -> new Wanted(version, Objects.requireNonNull(found.get(version))))
        .toList();
  }
}
