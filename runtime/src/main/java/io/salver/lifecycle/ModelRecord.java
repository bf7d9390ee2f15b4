package io.salver.lifecycle;

import io.salver.lifecycle.SwapPolicy.Candidate;
import io.salver.model.ModelSource.Wanted;
import io.salver.model.ModelVersion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one model. Guarded by the lock of its {@link Reconciler}.
 *
 * <p>A version is a number and a directory: when a model moves to another base path, the version
 * with the same number there is another one, and takes over as any other new version does.
 */
final class ModelRecord {
  private static final int ENDED_KEPT = 5;

  private final String name;
  private final List<VersionRecord> versions = new ArrayList<>();
  private final Residence residence = new Residence();
  private @Nullable ModelConfig config;
  private boolean heardOf;
  private String sourceProblem = "";
  private boolean restless = true;

  ModelRecord(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  List<VersionRecord> versions() {
    return versions;
  }

  @Nullable ModelConfig config() {
    return config;
  }

  /** The model is to be served like this. */
  void configure(ModelConfig wanted) {
    if (config == null) {
      awaitNews();
      residence.reset();
    }
    residence.configure(wanted.staysLoaded(), isInMemory());
    config = wanted;
    restless = true;
  }

  /** What says whether it is to be in memory. */
  Residence residence() {
    return residence;
  }

  /** Whether it is configured, and to be in memory. */
  boolean isResident() {
    return config != null && residence.isWanted();
  }

  /** Whether it is configured, and loaded when a request asks for it. */
  boolean isOnDemand() {
    return config != null && residence.isOnDemand();
  }

  /** Whether there may be something to do for it. */
  boolean isActive() {
    return restless || isResident();
  }

  /** What there was to do was done; if it is to be out of memory and is, it may be passed over. */
  void done() {
    restless = config == null || isResident() || isInMemory();
  }

  /** The versions that are to be out of memory, and have not been told so. */
  List<VersionRecord> toRest() {
    return isResident()
        ? List.of()
        : versions.stream()
            .filter(v -> v.isWanted() && !v.isInMemory() && v.state() != VersionState.NOT_LOADED)
            .toList();
  }

  /** The versions that rest, and are to be in memory. */
  List<VersionRecord> toWake() {
    return isResident()
        ? versions.stream().filter(v -> v.state() == VersionState.NOT_LOADED).toList()
        : List.of();
  }

  /** Why its versions rest. */
  String whyNotLoaded() {
    return residence.isHeldOut() ? "unloaded by request" : "not loaded (on demand)";
  }

  /** What its versions take. */
  long memoryBytes() {
    long bytes = 0;
    for (VersionRecord version : versions) {
      bytes += version.memoryBytes();
    }
    return bytes;
  }

  /** When one of its versions was last used, in terms of the monotonic clock. */
  long lastUsedNs(long nowNs) {
    long idleNs = Long.MAX_VALUE;
    for (VersionRecord version : versions) {
      if (version.served() != null) {
        idleNs = Math.min(idleNs, nowNs - version.lastUsedNs());
      }
    }
    return nowNs - idleNs;
  }

  /** Whether it answers, and nobody holds it. */
  boolean isIdle() {
    boolean answers = false;
    for (VersionRecord version : versions) {
      ServedVersion served = version.served();
      if (version.state() == VersionState.LOADING || served != null && served.leases() > 0) {
        return false;
      }
      answers |= version.state() == VersionState.AVAILABLE;
    }
    return answers;
  }

  /** What the source said so far is out of date. */
  void awaitNews() {
    heardOf = false;
    sourceProblem = "";
  }

  /** The model is not to be served. */
  void deconfigure() {
    config = null;
    sourceProblem = "";
    restless = true;
    versions.forEach(v -> v.setWanted(false));
  }

  /** Exactly these versions are wanted. */
  void want(List<Wanted> wanted, Time time) {
    heardOf = true;
    restless = true;
    sourceProblem = "";
    for (VersionRecord version : versions) {
      boolean again = wanted.contains(new Wanted(version.id().version(), version.directory()));
      if (again && !version.isWanted() && version.state() == VersionState.END) {
        version.restart(time);
        version.enter(VersionState.START, "", time.now());
      }
      version.setWanted(again);
    }
    for (Wanted one : wanted) {
      if (versions.stream().noneMatch(v -> isOf(v, one))) {
        ModelVersion id = new ModelVersion(name, one.version());
        versions.add(new VersionRecord(id, one.directory(), time));
      }
    }
  }

  private static boolean isOf(VersionRecord version, Wanted wanted) {
    return version.id().version() == wanted.version()
        && version.directory().equals(wanted.directory());
  }

  /**
   * The source has nothing to publish.
   *
   * @return whether that is news
   */
  boolean unreadable(String problem) {
    heardOf = true;
    boolean news = !problem.equals(sourceProblem);
    sourceProblem = problem;
    return news;
  }

  /** For the policy: all versions that are wanted or not gone; the index is that in the list. */
  List<Candidate> candidates(long nowNs) {
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < versions.size(); i++) {
      VersionRecord v = versions.get(i);
      if (v.isWanted() || v.isInMemory()) {
        boolean wanted = v.isWanted() && isResident();
        candidates.add(new Candidate(i, v.id().version(), wanted, v.standing(nowNs)));
      }
    }
    return candidates;
  }

  /** Forgets all but the last few of the versions that are gone. */
  void forgetEnded() {
    List<VersionRecord> ended =
        versions.stream().filter(v -> !v.isWanted() && v.state() == VersionState.END).toList();
    if (ended.size() > ENDED_KEPT) {
      versions.removeAll(
          ended.stream()
              .sorted(Comparator.comparing(v -> v.status("").since()))
              .limit(ended.size() - ENDED_KEPT)
              .toList());
    }
  }

  boolean isAvailable() {
    return versions.stream().anyMatch(v -> v.state() == VersionState.AVAILABLE);
  }

  boolean isAvailable(long version) {
    return versions.stream()
        .anyMatch(v -> v.id().version() == version && v.state() == VersionState.AVAILABLE);
  }

  /** Whether a version would be loaded for a request. */
  boolean wouldLoad(long version) {
    return isOnDemand()
        && versions.stream().anyMatch(v -> v.id().version() == version && v.isWanted());
  }

  boolean isInMemory() {
    return versions.stream().anyMatch(VersionRecord::isInMemory);
  }

  /** Whether one of its versions is loaded from a directory, or may yet be. */
  boolean uses(Path directory) {
    return versions.stream()
        .anyMatch(v -> (v.isWanted() || v.isInMemory()) && v.directory().equals(directory));
  }

  /** The available versions; of two with the same number, the wanted one. */
  NavigableMap<Long, ServedVersion> served() {
    NavigableMap<Long, ServedVersion> available = new TreeMap<>();
    for (VersionRecord v : versions) {
      ServedVersion served = v.served();
      if (served != null && v.state() == VersionState.AVAILABLE) {
        available.merge(v.id().version(), served, (a, b) -> v.isWanted() ? b : a);
      }
    }
    return available;
  }

  Map<String, Long> labels() {
    return config == null ? Map.of() : config.labels();
  }

  /**
   * Whether the model is not about to become available by itself.
   *
   * @return empty if it may yet; otherwise why it is not, or "" if it is available
   */
  Optional<String> settled(long nowNs, long stalledNs) {
    if (isAvailable() || heardOf && !isResident() && config != null && sourceProblem.isEmpty()) {
      return Optional.of("");
    }
    boolean waiting =
        versions.stream().anyMatch(v -> v.isWanted() && v.hasProspects(nowNs, stalledNs));
    return heardOf && !waiting ? Optional.of(whyUnavailable()) : Optional.empty();
  }

  /**
   * Whether none of the wanted versions is about to become available without a further try.
   *
   * @return empty if one may yet; otherwise why those that are not available are not, or "" if all
   *     are
   */
  Optional<String> settledWholly(long nowNs, long stalledNs) {
    List<VersionRecord> missing =
        versions.stream().filter(v -> v.isWanted() && v.state() != VersionState.AVAILABLE).toList();
    boolean waiting =
        missing.stream().anyMatch(v -> v.hasProspects(nowNs, stalledNs) && !v.hasFailed());
    if (!heardOf || waiting) {
      return Optional.empty();
    }
    if (!sourceProblem.isEmpty()) {
      return Optional.of(sourceProblem);
    }
    if (!isResident() && config != null) {
      return Optional.of("");
    }
    if (missing.isEmpty()) {
      return Optional.of(isAvailable() ? "" : whyUnavailable());
    }
    return Optional.of(missing.stream().map(ModelRecord::why).collect(Collectors.joining("; ")));
  }

  private static String why(VersionRecord version) {
    return "version "
        + version.id().version()
        + ": "
        + version.status(version.state().name()).reason();
  }

  /** Whether the source has said which versions there are. */
  boolean isHeardOf() {
    return heardOf;
  }

  /** The wanted versions, highest first. */
  List<VersionRecord> wantedVersions() {
    return versions.stream()
        .filter(VersionRecord::isWanted)
        .sorted(Comparator.comparingLong((VersionRecord v) -> v.id().version()).reversed())
        .toList();
  }

  /** Why nothing is available, in words. */
  String whyUnavailable() {
    return versions.stream()
        .filter(VersionRecord::isWanted)
        .max(Comparator.comparingLong(v -> v.id().version()))
        .map(ModelRecord::why)
        .orElseGet(this::whyNothingIsWanted);
  }

  private String whyNothingIsWanted() {
    if (config == null) {
      return "not configured any more";
    }
    if (!sourceProblem.isEmpty()) {
      return sourceProblem;
    }
    return heardOf ? "no version is wanted" : "its versions have not been looked for yet";
  }

  ModelStatus status() {
    NavigableMap<Long, VersionRecord> shown = new TreeMap<>();
    versions.forEach(v -> shown.merge(v.id().version(), v, ModelRecord::moreTelling));
    return new ModelStatus(
        name,
        served().values().stream().findFirst().map(ServedVersion::engine).orElse(""),
        shown.descendingMap().values().stream().map(v -> v.status(sourceProblem)).toList(),
        labels(),
        isAvailable() ? "" : whyUnavailable(),
        config != null && config.onDemand(),
        config != null && config.pinned());
  }

  private static VersionRecord moreTelling(VersionRecord a, VersionRecord b) {
    if (a.state() == VersionState.AVAILABLE || b.state() == VersionState.AVAILABLE) {
      return b.state() == VersionState.AVAILABLE && (b.isWanted() || !a.isWanted()) ? b : a;
    }
    return a.isWanted() || b.state() == VersionState.END ? a : b;
  }
}
