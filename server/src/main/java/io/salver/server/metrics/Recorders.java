package io.salver.server.metrics;

import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.VersionState;
import io.salver.lifecycle.VersionStatus;
import io.salver.model.ModelVersion;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The recorders by model and version: found without a lock, made once, forgotten some time after
 * their version or model ended, so that labels do not pile up.
 */
final class Recorders {
  /** How long what ended is still shown: as long as Prometheus looks back. */
  static final long RETENTION_NS = 5 * 60 * 1_000_000_000L;

  /** From how many versions on a new one makes room for itself, where nobody reads the page. */
  private static final int CROWD = 64;

  private final ServedModels served;
  private final LongSupplier nanoClock;
  private final ConcurrentHashMap<String, ModelRecorder> models = new ConcurrentHashMap<>();
  private final ModelRecorder unknown = new ModelRecorder("");

  /** Since when a {@link ModelRecorder} or {@link VersionRecorder} has ended; guarded by this. */
  private final Map<Object, Long> endedSinceNs = new HashMap<>();

  Recorders(ServedModels served, LongSupplier nanoClock) {
    this.served = served;
    this.nanoClock = nanoClock;
  }

  /** The recorder of a version that served something. */
  VersionRecorder of(String model, long version) {
    VersionRecorder found = findOrNull(model, version);
    return found != null ? found : create(model, version);
  }

  /** The recorder of a version; empty if it never served anything. */
  Optional<VersionRecorder> find(String model, long version) {
    return Optional.ofNullable(findOrNull(model, version));
  }

  private @Nullable VersionRecorder findOrNull(String model, long version) {
    ModelRecorder known = models.get(model);
    return known == null ? null : known.find(version);
  }

  private VersionRecorder create(String model, long version) {
    if (models.values().stream().mapToInt(known -> known.versions().size()).sum() >= CROWD) {
      sweep();
    }
    return models.computeIfAbsent(model, ModelRecorder::new).create(version);
  }

  /**
   * The recorder for a request that came to nothing, which may have made up its model and version:
   * that of the version if it is known, else that of its model for no version, else the one for no
   * model.
   */
  VersionRecorder ofFailed(String model, long version) {
    ModelRecorder known = models.get(model);
    if (known == null) {
      return unknown.unversioned();
    }
    VersionRecorder found = known.find(version);
    return found != null ? found : known.unversioned();
  }

  /** All models that are known by name, and the one for those that are not. */
  List<ModelRecorder> models() {
    return Stream.concat(
            models.values().stream().sorted(Comparator.comparing(ModelRecorder::name)),
            Stream.of(unknown))
        .toList();
  }

  /** Learns which models are configured, and forgets what ended long enough ago. */
  synchronized void sweep() {
    Set<String> configured = new HashSet<>();
    Set<ModelVersion> live = new HashSet<>();
    for (ModelStatus status : served.statuses()) {
      configured.add(status.name());
      addLive(status, live);
      ModelRecorder model = models.computeIfAbsent(status.name(), ModelRecorder::new);
      if (!status.engine().isEmpty()) {
        model.setEngine(status.engine());
      }
    }
    models.values().forEach(model -> sweep(model, configured.contains(model.name()), live));
  }

  private static void addLive(ModelStatus status, Set<ModelVersion> live) {
    for (VersionStatus version : status.versions()) {
      if (version.state() != VersionState.END && version.state() != VersionState.NOT_LOADED) {
        live.add(new ModelVersion(status.name(), version.version()));
      }
    }
  }

  private void sweep(ModelRecorder model, boolean configured, Set<ModelVersion> live) {
    for (VersionRecorder version : model.versions()) {
      if (hasEnded(version, live.contains(new ModelVersion(model.name(), version.version())))) {
        model.remove(version);
      }
    }
    if (hasEnded(model, configured || !model.versions().isEmpty())) {
      models.remove(model.name());
    }
  }

  /** Whether {@code recorder} has not been alive for the whole of the retention. */
  private boolean hasEnded(Object recorder, boolean alive) {
    long nowNs = nanoClock.getAsLong();
    if (alive) {
      endedSinceNs.remove(recorder);
      return false;
    }
    Long since = endedSinceNs.putIfAbsent(recorder, nowNs);
    if (since == null || nowNs - since < RETENTION_NS) {
      return false;
    }
    endedSinceNs.remove(recorder);
    return true;
  }
}
