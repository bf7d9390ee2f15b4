package io.salver.lifecycle;

import io.salver.engine.Engine;
import io.salver.lifecycle.SwapPolicy.Standing;
import io.salver.model.ModelVersion;
import io.salver.predict.ServingException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one version from one directory. Guarded by the lock of its {@link Reconciler}.
 */
final class VersionRecord {
  /** What a load needs, from the last look at the files. */
  record Loadable(Engine engine, long memoryBoundBytes, Fingerprint files) {}

  private final ModelVersion id;
  private final Path directory;

  private boolean wanted = true;
  private VersionState state = VersionState.START;
  private String reason = "";
  private @Nullable ServingException error;
  private Instant since;

  private @Nullable FileWatch watch;
  private boolean unreadable;
  private long unreadableSinceNs;
  private @Nullable Loadable loadable;
  private boolean inspecting;
  private long nextInspectionNs;

  private int failures;
  private boolean broken;
  private MemoryLedger.Verdict room = MemoryLedger.Verdict.FITS;
  private long nextTryNs;
  private @Nullable Fingerprint failedWith;

  private long memoryBytes;
  private long measuredBytes;
  private @Nullable Fingerprint measuredWith;
  private @Nullable ServedVersion served;
  private long seenUses;
  private long lastUsedNs;
  private @Nullable Instant lastUsed;

  VersionRecord(ModelVersion id, Path directory, Time time) {
    this.id = id;
    this.directory = directory;
    this.since = time.now();
    this.nextInspectionNs = time.nanoTime();
    this.nextTryNs = nextInspectionNs;
  }

  ModelVersion id() {
    return id;
  }

  Path directory() {
    return directory;
  }

  boolean isWanted() {
    return wanted;
  }

  void setWanted(boolean wanted) {
    this.wanted = wanted;
  }

  VersionState state() {
    return state;
  }

  String reason() {
    return reason;
  }

  /** Why its last load failed; null if it did not. */
  @Nullable ServingException error() {
    return error;
  }

  @Nullable ServedVersion served() {
    return served;
  }

  /** Whether it is in memory, or on its way in or out. */
  boolean isInMemory() {
    return state == VersionState.LOADING
        || state == VersionState.AVAILABLE
        || state == VersionState.UNLOADING;
  }

  /** The memory that is set aside for it; 0 unless {@link #isInMemory()}. */
  long memoryBytes() {
    return memoryBytes;
  }

  /**
   * Enters a state, or gives another reason for the one it is in.
   *
   * @return whether anything changed
   */
  boolean enter(VersionState next, String why, Instant now) {
    if (next == state && why.equals(reason)) {
      return false;
    }
    if (next != state) {
      since = now;
    }
    state = next;
    reason = why;
    return true;
  }

  /** Begins a life anew, after an end or a rest. */
  void restart(Time time) {
    loadable = null;
    watch = null;
    unreadable = false;
    failedWith = null;
    failures = 0;
    broken = false;
    room = MemoryLedger.Verdict.FITS;
    error = null;
    nextTryNs = time.nanoTime();
    nextInspectionNs = nextTryNs;
  }

  boolean isInspectionDue(long nowNs) {
    boolean open = state == VersionState.START || state == VersionState.END;
    return wanted && open && !inspecting && nowNs - nextInspectionNs >= 0;
  }

  @Nullable FileWatch beginInspection() {
    inspecting = true;
    return watch;
  }

  /** Takes in what a look at the files found. Whether to change state is the caller's business. */
  void endInspection(Inspector.Look look, long nowNs, Duration interval) {
    inspecting = false;
    nextInspectionNs = nowNs + interval.toNanos();
    watch = look.watch();
    if (watch == null && !unreadable) {
      unreadableSinceNs = nowNs;
    }
    unreadable = watch == null;
    if (failedWith != null && watch != null && !failedWith.sameFiles(watch.files())) {
      failedWith = null;
      failures = 0;
      broken = false;
      nextTryNs = nowNs;
    }
    loadable =
        watch != null && look.verdict() instanceof Inspector.Verdict.Ready(var engine, long bound)
            ? new Loadable(engine, bound, watch.files())
            : null;
  }

  /** Whether its files are still those with which it failed. */
  boolean failedWithTheseFiles() {
    return failedWith != null;
  }

  @Nullable Loadable loadable() {
    return loadable;
  }

  /** Whether nothing but memory may keep it from being loaded now. */
  boolean wantsToLoad(long nowNs) {
    return wanted && state == VersionState.START && loadable != null && nowNs - nextTryNs >= 0;
  }

  /** Says whether there is memory for it. */
  void setRoom(MemoryLedger.Verdict verdict) {
    room = verdict;
  }

  /** Whether there was no memory for it, nor will be, when it was last asked for. */
  boolean isCrowded() {
    return room == MemoryLedger.Verdict.NEVER;
  }

  Standing standing(long nowNs) {
    return switch (state) {
      case NOT_LOADED -> Standing.WAITING;
      case START ->
          !wantsToLoad(nowNs)
              ? Standing.WAITING
              : room == MemoryLedger.Verdict.FITS ? Standing.LOADABLE : Standing.CROWDED;
      case LOADING -> Standing.LOADING;
      case AVAILABLE -> Standing.SERVING;
      case UNLOADING -> Standing.UNLOADING;
      case END -> Standing.WAITING;
    };
  }

  void reserve(long bytes) {
    memoryBytes = bytes;
  }

  /** What it took with these files is known from now on. */
  void measured(Fingerprint files, long bytes) {
    measuredWith = files;
    measuredBytes = bytes;
  }

  /** What it took with these files when that could last be measured; not each load can be. */
  OptionalLong measured(Fingerprint files) {
    return measuredWith != null && measuredWith.sameFiles(files)
        ? OptionalLong.of(measuredBytes)
        : OptionalLong.empty();
  }

  /** It is in memory, and nothing it failed with before matters. */
  void loaded(ServedVersion version, long bytes, long nowNs) {
    served = version;
    memoryBytes = bytes;
    seenUses = 0;
    lastUsedNs = nowNs;
    error = null;
    failures = 0;
    broken = false;
    failedWith = null;
  }

  /** Its files turned out not to be those that were looked at: look again. */
  void forgetFiles(long nowNs) {
    loadable = null;
    memoryBytes = 0;
    nextInspectionNs = nowNs;
  }

  /**
   * A try failed.
   *
   * @param forGood whether the same files will fail again
   * @return how many tries have failed by now
   */
  int failed(ServingException cause, @Nullable Fingerprint files, boolean forGood, long nextTry) {
    error = cause;
    failedWith = files;
    broken = forGood;
    memoryBytes = 0;
    nextTryNs = nextTry;
    return ++failures;
  }

  void setError(ServingException cause) {
    error = cause;
  }

  /** How often it was used since this was asked last, about; notes when that was. */
  long takeUses(Time time) {
    ServedVersion version = served;
    if (version == null) {
      return 0;
    }
    long uses = version.uses();
    long more = Math.max(0, uses - seenUses);
    seenUses = uses;
    if (more > 0 || version.leases() > 0) {
      lastUsedNs = time.nanoTime();
      lastUsed = time.now();
    }
    return more;
  }

  /** When it was last used, or else loaded, in terms of the monotonic clock. */
  long lastUsedNs() {
    return lastUsedNs;
  }

  void unloaded() {
    served = null;
    memoryBytes = 0;
  }

  /**
   * Whether it may become available without anybody doing anything about it.
   *
   * @param stalledNs for how long incomplete files must not have changed, or a directory must have
   *     been unreadable, to be given up
   */
  boolean hasProspects(long nowNs, long stalledNs) {
    return switch (state) {
      case LOADING, UNLOADING, AVAILABLE -> true;
      case START -> !broken && !isCrowded() && !isStalled(nowNs, stalledNs);
      case NOT_LOADED, END -> false;
    };
  }

  /** Whether a try of loading these files has failed. */
  boolean hasFailed() {
    return failures > 0;
  }

  private boolean isStalled(long nowNs, long stalledNs) {
    if (watch == null) {
      return unreadable && nowNs - unreadableSinceNs >= stalledNs;
    }
    return loadable == null && watch.unchangedNs(nowNs) >= stalledNs;
  }

  VersionStatus status(String reasonIfNone) {
    return new VersionStatus(
        id.version(),
        state,
        error,
        reason.isEmpty() ? reasonIfNone : reason,
        since,
        served == null ? "" : served.engine(),
        memoryBytes,
        lastUsed);
  }
}
