package io.salver.batching;

/**
 * A version's queue at one moment.
 *
 * @param waitingRequests requests in the queue
 * @param waitingRows their rows
 * @param runningRequests requests that are being run
 * @param instances threads that run them
 * @param idleInstances those of them that have nothing to do
 * @param limit how many requests may wait
 * @param oldestWaitNs how long the first of them has waited; 0 if there is none
 */
record QueueState(
    int waitingRequests,
    long waitingRows,
    int runningRequests,
    int instances,
    int idleInstances,
    int limit,
    long oldestWaitNs) {
  int inFlight() {
    return waitingRequests + runningRequests;
  }

  /** For whoever was refused. */
  @Override
  public String toString() {
    return waitingRequests
        + " of "
        + limit
        + " requests ("
        + waitingRows
        + " rows) wait for "
        + instances
        + " instances, the first for "
        + oldestWaitNs / 1_000
        + " us";
  }
}
