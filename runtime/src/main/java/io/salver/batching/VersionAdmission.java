package io.salver.batching;

import io.salver.model.ModelVersion;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what a version's queue will not get to in time, before it costs anything.
 *
 * <p>Two rules. A request that is not expected to be answered by its deadline, or within the
 * latency objective, is refused; so is any beyond a {@link ConcurrencyLimit}. What finds the queue
 * empty is always admitted: the estimate is then of no weight, and is renewed by its run.
 *
 * <p>Thread-safe. Racing runs may lose each other's lesson, which does no harm.
 */
final class VersionAdmission {
  private static final int WEIGHT_SHIFT = 3;

  private final ModelVersion version;
  private final AdmissionOptions options;
  private volatile ConcurrencyLimit limit;
  private volatile long meanRunNs;

  /**
   * The admission of a version.
   *
   * @param most how many requests there may be at once in any case
   */
  VersionAdmission(ModelVersion version, AdmissionOptions options, int most) {
    this.version = version;
    this.options = options;
    this.limit =
        ConcurrencyLimit.starting(
            options.adaptive() ? Math.min(most, options.leastInFlight()) : most, most);
  }

  /**
   * Why a request is refused; null if it may be queued.
   *
   * @param maxRows how many rows a run may have
   */
  @Nullable ServingException admit(
      PredictRequest request, QueueState queue, int maxRows, long nowNs) {
    if (queue.waitingRequests() == 0) {
      return null;
    }
    ConcurrencyLimit now = limit;
    if (!now.admits(queue.inFlight())) {
      return refused(
          queue.inFlight()
              + " requests in flight (expected: fewer than "
              + (int) now.requests()
              + ", which is what it keeps up with)",
          queue);
    }
    long expectedNs = expectedNs(queue, maxRows, meanRunNs);
    long leftNs = leftNs(request, nowNs);
    if (expectedNs > leftNs) {
      return refused(
          "answer expected in "
              + expectedNs / 1_000
              + " us (expected: within "
              + Math.max(0, leftNs / 1_000)
              + " us)",
          queue);
    }
    return null;
  }

  /** What is left of the time in which the request is to be answered. */
  private long leftNs(PredictRequest request, long nowNs) {
    long leftNs =
        request.deadlineNs() == Long.MAX_VALUE ? Long.MAX_VALUE : request.deadlineNs() - nowNs;
    long objectiveNs = options.latencyObjective().toNanos();
    return objectiveNs == 0 ? leftNs : Math.min(leftNs, request.receivedNs() + objectiveNs - nowNs);
  }

  /**
   * When a request that comes now is expected to be answered: after what is running, the full runs
   * that those before it make up, and its own.
   *
   * @return nanoseconds from now
   */
  static long expectedNs(QueueState queue, int maxRows, long meanRunNs) {
    long running = queue.idleInstances() == 0 ? 1 : 0;
    long before = queue.waitingRows() / maxRows / queue.instances();
    return (running + before + 1) * meanRunNs;
  }

  private ServingException refused(String why, QueueState queue) {
    return new ServingException(
        Category.RESOURCE_EXHAUSTED, "overload of " + version + ": " + why + "; " + queue);
  }

  /**
   * A run is over.
   *
   * @param inFlight requests that were waiting or running when it ended
   * @param latencyNs what its first request took from its arrival on
   */
  void ran(int inFlight, long latencyNs, long runNs) {
    long mean = meanRunNs;
    meanRunNs = mean == 0 ? runNs : mean + (runNs - mean >> WEIGHT_SHIFT);
    ConcurrencyLimit before = limit;
    ConcurrencyLimit after = before.answered(inFlight, latencyNs, runNs);
    if (after != before) {
      limit = after;
    }
  }

  /** How many requests may be in flight now. */
  int maxInFlight() {
    return (int) limit.requests();
  }
}
