package io.salver.lifecycle;

import io.salver.model.ModelVersion;
import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** What is available at one time, by model. Immutable once it is given out. */
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

    private @Nullable ServedVersion find(long version) {
      for (int i = numbers.length - 1; i >= 0; i--) {
        if (numbers[i] == version) {
          return versions[i];
        }
      }
      return null;
    }
  }

  private final Map<String, Entry> models;

  private ServedSnapshot(Map<String, Entry> models) {
    this.models = new HashMap<>(models);
  }

  /** What is available of these models. */
  static ServedSnapshot of(Collection<ModelRecord> models) {
    ServedSnapshot snapshot = new ServedSnapshot(Map.of());
    models.forEach(snapshot::put);
    return snapshot;
  }

  /** This, but with what is available of a model now. */
  ServedSnapshot with(ModelRecord model) {
    ServedSnapshot changed = new ServedSnapshot(models);
    changed.put(model);
    return changed;
  }

  /** A model of which there is nothing to find has no entry: there may be thousands. */
  private void put(ModelRecord model) {
    if (model.isAvailable() || !model.labels().isEmpty()) {
      models.put(model.name(), new Entry(model.served(), model.labels()));
    } else {
      models.remove(model.name());
    }
  }

  /** Whether a version of the model is available. */
  boolean isAvailable(String model) {
    Entry entry = models.get(model);
    return entry != null && entry.versions.length > 0;
  }

  /** The version that is meant, or null if it is not available. */
  @Nullable ServedVersion findAvailable(String model, VersionSelector selector) {
    Entry entry = models.get(model);
    if (entry == null) {
      return null;
    }
    return switch (selector) {
      case VersionSelector.Latest() ->
          entry.versions.length == 0 ? null : entry.versions[entry.versions.length - 1];
      case VersionSelector.Exact(long version) -> entry.find(version);
      case VersionSelector.Labelled(String label) -> {
        Long version = entry.labels.get(label);
        yield version == null ? null : entry.find(version);
      }
    };
  }

  /** Why a version that is meant is not available. */
  ServingException missing(String model, VersionSelector selector) {
    return switch (selector) {
      case VersionSelector.Latest() -> notFound("Latest(" + model + ")");
      case VersionSelector.Exact(long version) -> notFound(model, version);
      case VersionSelector.Labelled(String label) -> {
        Entry entry = models.get(model);
        Long version = entry == null ? null : entry.labels.get(label);
        yield version == null ? unknownLabel(label) : notFound(model, version);
      }
    };
  }

  /** A version that is available, or null. */
  @Nullable ServedVersion find(ModelVersion version) {
    Entry entry = models.get(version.model());
    return entry == null ? null : entry.find(version.version());
  }

  static ServingException unknownLabel(String label) {
    return ServingException.invalid("Unrecognized servable version label: " + label);
  }

  static ServingException notFound(String model, long version) {
    return notFound("Specific(" + model + ", " + version + ")");
  }

  private static ServingException notFound(String what) {
    return new ServingException(Category.NOT_FOUND, "Servable not found for request: " + what);
  }
}
