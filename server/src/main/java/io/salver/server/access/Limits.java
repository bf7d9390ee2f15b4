package io.salver.server.access;

/**
 * How many requests a principal may make.
 *
 * @param perSecond in the long run; 0 for as many as it likes
 * @param burst at once, after a pause
 * @param perDay of UTC; 0 for as many as it likes
 */
public record Limits(double perSecond, int burst, long perDay) {
  /** As many as it likes. */
  public static final Limits NONE = new Limits(0, 1, 0);

  /** The largest number of requests a day that is counted. */
  static final long MAX_PER_DAY = (1L << 40) - 1;

  private static final double LEAST_PER_SECOND = 1e-3;

  private static final double MOST_PER_SECOND = 1e9;

  public Limits {
    if (!(perSecond == 0 || (perSecond >= LEAST_PER_SECOND && perSecond <= MOST_PER_SECOND))) {
      throw new IllegalArgumentException(
          "requests_per_second: " + perSecond + " (expected: 0 for no limit, or 0.001 to 1e9)");
    }
    if (burst < 1) {
      throw new IllegalArgumentException("burst: " + burst + " (expected: >= 1)");
    }
    if (perDay < 0 || perDay > MAX_PER_DAY) {
      throw new IllegalArgumentException(
          "requests_per_day: "
              + perDay
              + " (expected: 0 for no limit, or 1 to "
              + MAX_PER_DAY
              + ")");
    }
  }
}
