package io.salver.engine.process;

import java.time.Duration;

/**
 * How long to wait before a worker is started again: not at all after the first failure, then twice
 * as long each time up to a limit.
 *
 * @param first after the second failure in a row
 * @param longest however often it has failed
 * @param healthy a worker that was up for so long has not failed in a row
 */
record Backoff(Duration first, Duration longest, Duration healthy) {
  static final Backoff DEFAULT =
      new Backoff(Duration.ofMillis(200), Duration.ofSeconds(30), Duration.ofSeconds(30));

  private static final int MOST_DOUBLINGS = 30;

  /**
   * The failures in a row after one more, by a worker that was ready for {@code upNs}, 0 if never.
   */
  int failures(int before, long upNs) {
    return upNs >= healthy.toNanos() ? 1 : before + 1;
  }

  /** How long to wait after so many failures in a row. */
  Duration delay(int failures) {
    if (failures <= 1) {
      return Duration.ZERO;
    }
    long delayNs = first.toNanos() << Math.min(failures - 2, MOST_DOUBLINGS);
    return delayNs <= 0 || delayNs > longest.toNanos() ? longest : Duration.ofNanos(delayNs);
  }
}
