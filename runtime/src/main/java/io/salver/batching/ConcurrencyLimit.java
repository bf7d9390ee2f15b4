package io.salver.batching;

/**
 * How many requests of a version may be waiting or running at once, learnt from how long they take
 * beside their runs.
 *
 * <p>Source: the gradient that Netflix's concurrency-limits (Gradient2) takes from TCP Vegas
 * (Brakmo and Peterson, IEEE JSAC 13(8), 1995): the limit is multiplied by the ratio of the latency
 * without a queue to the latency with one, and a little room for a queue is added. There the
 * latency without a queue is a long-term mean, which follows an overload that lasts; here it is
 * known from the runs themselves: a request that comes to a server without a queue waits for at
 * most one run and is run in the next.
 *
 * <p>A value: {@link #answered} answers with the limit that holds from then on.
 *
 * @param requests the limit, of which a fraction may be left over from the last change
 * @param least the limit does not go below
 * @param most the limit does not go above
 */
record ConcurrencyLimit(double requests, int least, int most) {
  /** A queue as long as half a run is no reason to go down. */
  private static final double TOLERANCE = 1.5;

  private static final double SMOOTHING = 0.2;
  private static final double STEEPEST = 0.5;
  private static final int RUNS_WITHOUT_QUEUE = 2;

  ConcurrencyLimit {
    if (least < 1 || most < least || requests < least || requests > most) {
      throw new IllegalArgumentException(
          "concurrency: "
              + requests
              + " of "
              + least
              + " to "
              + most
              + " requests (expected: >= 1, and within the bounds)");
    }
  }

  /** One that begins at the top, so that a version is not throttled before anything is known. */
  static ConcurrencyLimit starting(int least, int most) {
    return new ConcurrencyLimit(most, least, most);
  }

  /** Whether one more may come when {@code inFlight} are there. */
  boolean admits(int inFlight) {
    return inFlight < (int) requests;
  }

  /**
   * What holds after a run.
   *
   * @param inFlight requests that were waiting or running when it ended
   * @param latencyNs what its first request took from its arrival to the end of the run
   * @param runNs what the run took
   * @return this, if nothing changes
   */
  ConcurrencyLimit answered(int inFlight, long latencyNs, long runNs) {
    double gradient =
        Math.clamp(TOLERANCE * RUNS_WITHOUT_QUEUE * runNs / Math.max(1, latencyNs), STEEPEST, 1.0);
    boolean unused = inFlight < requests / 2;
    if (unused && gradient == 1.0) {
      return this;
    }
    double wanted = requests * gradient + Math.sqrt(requests);
    double next =
        Math.clamp(requests + SMOOTHING * (wanted - requests), (double) least, (double) most);
    return next == requests ? this : new ConcurrencyLimit(next, least, most);
  }
}
