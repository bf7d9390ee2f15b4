package io.salver.server.access;

/**
 * How many credentials that are not accepted may come from one address.
 *
 * @param burst at once, after a pause, at most 1,000,000; 0 for as many as it likes
 * @param perMinute in the long run, at least 1
 */
public record FailureLimits(int burst, int perMinute) {
  /** What holds where nothing is said. */
  public static final FailureLimits DEFAULT = new FailureLimits(20, 10);

  private static final int MAX_BURST = 1_000_000;

  public FailureLimits {
    if (burst < 0 || burst > MAX_BURST) {
      throw new IllegalArgumentException("burst: " + burst + " (expected: 0 to " + MAX_BURST + ")");
    }
    if (perMinute < 1) {
      throw new IllegalArgumentException("per_minute: " + perMinute + " (expected: >= 1)");
    }
  }
}
