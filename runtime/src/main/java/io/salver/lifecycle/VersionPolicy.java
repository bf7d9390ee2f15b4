package io.salver.lifecycle;

import java.util.List;
import java.util.NavigableSet;
import java.util.SortedSet;
import java.util.TreeSet;

/** Which of the versions that are found in a model's directory to serve. */
public sealed interface VersionPolicy {
  /** Those of the versions that are there that are wanted, lowest first. */
  default List<Long> choose(NavigableSet<Long> found) {
    return switch (this) {
      case Latest(int count) -> found.descendingSet().stream().limit(count).sorted().toList();
      case All() -> List.copyOf(found);
      case Specific(var versions) -> versions.stream().filter(found::contains).toList();
    };
  }

  /** What TF Serving does unless told: the newest one. */
  VersionPolicy LATEST = new Latest(1);

  /**
   * The newest ones.
   *
   * @param count at least 1
   */
  record Latest(int count) implements VersionPolicy {
    public Latest {
      if (count < 1) {
        throw new IllegalArgumentException("num_versions: " + count + " (expected: >= 1)");
      }
    }
  }

  /** All of them. */
  record All() implements VersionPolicy {}

  /** These, where they exist. */
  record Specific(SortedSet<Long> versions) implements VersionPolicy {
    public Specific {
      versions = new TreeSet<>(versions);
      if (versions.isEmpty()) {
        throw new IllegalArgumentException("versions: none (expected: at least one version)");
      }
    }
  }
}
