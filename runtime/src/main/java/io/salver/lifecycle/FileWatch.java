package io.salver.lifecycle;

import java.time.Duration;
import java.time.Instant;

/**
 * How long a version's files have been as they are.
 *
 * @param files what was seen last
 * @param sinceNs when it was first seen like that, in terms of the monotonic clock
 */
record FileWatch(Fingerprint files, long sinceNs) {
  /** The watch after another look. */
  FileWatch seen(Fingerprint now, long nowNs) {
    return files.sameFiles(now) ? new FileWatch(now, sinceNs) : new FileWatch(now, nowNs);
  }

  /**
   * Whether nobody writes to the files any more: they were last touched longer ago than {@code
   * quiet}, or were seen unchanged for as long (which also holds where clocks disagree).
   */
  boolean isStable(Instant now, long nowNs, Duration quiet) {
    return !files.newest().plus(quiet).isAfter(now) || unchangedNs(nowNs) >= quiet.toNanos();
  }

  /** For how long the files have been seen unchanged, in nanoseconds. */
  long unchangedNs(long nowNs) {
    return nowNs - sinceNs;
  }
}
