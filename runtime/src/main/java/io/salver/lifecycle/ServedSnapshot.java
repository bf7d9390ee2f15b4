package io.salver.lifecycle;

import io.salver.model.ModelVersion;
import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** What is available at one time, by model. Immutable. */
final class ServedSnapshot {
  static final ServedSnapshot EMPTY = new ServedSnapshot(Map.of());

  /** A model's available versions, lowest first, and its labels. */
  static final class Entry {
    private final long[] numbers;
    private final ServedVersion[] versions;
    private final Map<String, Long> labels;

    Entry(NavigableMap<Long, ServedVersion> versions, Map<String, Long> labels) {
      this.numbers = versions.keySet().stream().mapToLong(Long::longValue).toArray();
      this.versions = versions.values().toArray(ServedVersion[]::new);
      this.labels = labels;
    }
  }

  private final Map<String, Entry> models;

  ServedSnapshot(Map<String, Entry> models) {
    this.models = new HashMap<>(models);
  }

  /**
   * The version that is meant.
   *
   * @throws ServingException if there is none
   */
  ServedVersion find(String model, VersionSelector selector) {
    Entry entry = models.get(model);
    return switch (selector) {
      case VersionSelector.Latest() -> latest(model, entry);
      case VersionSelector.Exact(long version) -> exact(model, entry, version);
      case VersionSelector.Labelled(String label) -> labelled(model, entry, label);
    };
  }

  /** The version that is meant, or null if it is not available. */
  @Nullable ServedVersion find(ModelVersion version) {
    Entry entry = models.get(version.model());
    int at = entry == null ? -1 : Arrays.binarySearch(entry.numbers, version.version());
    return entry == null || at < 0 ? null : entry.versions[at];
  }

  private static ServedVersion latest(String model, @Nullable Entry entry) {
    if (entry == null || entry.versions.length == 0) {
      throw notFound("Latest(" + model + ")");
    }
    return entry.versions[entry.versions.length - 1];
  }

  private static ServedVersion exact(String model, @Nullable Entry entry, long version) {
    if (entry != null) {
      for (int i = entry.numbers.length - 1; i >= 0; i--) {
        if (entry.numbers[i] == version) {
          return entry.versions[i];
        }
      }
    }
    throw notFound("Specific(" + model + ", " + version + ")");
  }

  private static ServedVersion labelled(String model, @Nullable Entry entry, String label) {
    Long version = entry == null ? null : entry.labels.get(label);
    if (version == null) {
      throw ServingException.invalid("Unrecognized servable version label: " + label);
    }
    return exact(model, entry, version);
  }

  private static ServingException notFound(String what) {
    return new ServingException(Category.NOT_FOUND, "Servable not found for request: " + what);
  }
}
