package io.salver.batching;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The requests that wait for the instances of one version, and which of them run next.
 *
 * <p>Of those with the highest priority, the one that has waited longest runs next, and with it
 * what its lane holds, by priority and then by age, up to the rows of a run. Priorities are strict,
 * as Triton's: a lower one waits for as long as there are requests of a higher one. With a timeout
 * a lane is held back until it has the rows of a run or its oldest request has waited that long.
 *
 * <p>Not thread-safe, and without a clock: its user has both.
 */
final class RequestQueue {
  private final Lanes lanes;
  private final int maxRequests;
  private final long maxRows;
  private final long timeoutNs;
  private final int defaultLevel;
  private final List<LinkedHashSet<Queued>> levels;
  private final Map<Lanes.Key, Lane> byKey = new HashMap<>();
  private int size;
  private long rows;

  /** Requests that can be run together. */
  static final class Lane {
    private final Lanes.Key key;
    private final List<LinkedHashSet<Queued>> levels;
    private long rows;
    private int size;

    Lane(Lanes.Key key, int levels) {
      this.key = key;
      this.levels = sets(levels);
    }

    long rows() {
      return rows;
    }

    private long oldestNs() {
      long oldest = Long.MAX_VALUE;
      for (LinkedHashSet<Queued> level : levels) {
        if (!level.isEmpty()) {
          long queuedNs = level.getFirst().queuedNs();
          oldest = oldest == Long.MAX_VALUE || queuedNs - oldest < 0 ? queuedNs : oldest;
        }
      }
      return oldest;
    }
  }

  RequestQueue(BatchingOptions options, int maxRequests) {
    this.lanes = new Lanes(options.padVariableLength());
    this.maxRequests = maxRequests;
    this.maxRows = options.maxQueuedRows() == 0 ? Long.MAX_VALUE : options.maxQueuedRows();
    this.timeoutNs = options.timeout().toNanos();
    int count = Math.max(1, options.priorityLevels());
    this.levels = sets(count);
    this.defaultLevel = options.defaultPriority() == 0 ? count - 1 : options.defaultPriority() - 1;
  }

  private static List<LinkedHashSet<Queued>> sets(int count) {
    List<LinkedHashSet<Queued>> sets = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      sets.add(new LinkedHashSet<>());
    }
    return sets;
  }

  int size() {
    return size;
  }

  long rows() {
    return rows;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Whether a request with so many rows finds no place; an empty queue takes any. */
  boolean isFull(long requestRows) {
    return size >= maxRequests || size > 0 && requestRows > maxRows - rows;
  }

  /** When the request that has waited longest began to; {@link Long#MAX_VALUE} if none waits. */
  long oldestNs() {
    long oldest = Long.MAX_VALUE;
    for (LinkedHashSet<Queued> level : levels) {
      if (!level.isEmpty()) {
        long queuedNs = level.getFirst().queuedNs();
        oldest = oldest == Long.MAX_VALUE || queuedNs - oldest < 0 ? queuedNs : oldest;
      }
    }
    return oldest;
  }

  /**
   * Adds a request.
   *
   * @param shares whether it may share a run with others
   */
  void add(Queued queued, boolean shares) {
    int level = level(queued);
    levels.get(level).add(queued);
    size++;
    rows += queued.request().rows();
    if (shares) {
      Lanes.Key key = lanes.key(queued.request());
      Lane lane = byKey.computeIfAbsent(key, k -> new Lane(k, levels.size()));
      lane.levels.get(level).add(queued);
      lane.size++;
      lane.rows += queued.request().rows();
      queued.enter(lane);
    }
  }

  /** As Triton does, takes a priority that there is not for the default. */
  private int level(Queued queued) {
    int priority = queued.request().priority();
    return priority == 0 || priority > levels.size() ? defaultLevel : priority - 1;
  }

  /** Takes a request out; false if it is not in. */
  boolean remove(Queued queued) {
    int level = level(queued);
    if (!levels.get(level).remove(queued)) {
      return false;
    }
    size--;
    rows -= queued.request().rows();
    Lane lane = queued.lane();
    if (lane != null) {
      lane.levels.get(level).remove(queued);
      lane.size--;
      lane.rows -= queued.request().rows();
      if (lane.size == 0) {
        byKey.remove(lane.key);
      }
    }
    return true;
  }

  /**
   * Takes out the requests that run next, if any are ready.
   *
   * @param runRows how many rows they may have together; the first may have more
   * @param fullRows from how many rows on a lane is not held back
   * @param taken gets them
   * @param late gets requests whose time is over, which are taken out as well
   */
  void take(long nowNs, long runRows, long fullRows, List<Queued> taken, List<Queued> late) {
    dropLate(nowNs, late);
    Queued head = ready(nowNs, fullRows);
    if (head == null) {
      return;
    }
    Lane lane = head.lane();
    if (lane == null) {
      remove(head);
      taken.add(head);
      return;
    }
    List<Queued> out = new ArrayList<>();
    collect(lane, nowNs, runRows, out);
    for (Queued queued : out) {
      remove(queued);
      (isOver(queued, nowNs) ? late : taken).add(queued);
    }
  }

  private static void collect(Lane lane, long nowNs, long runRows, List<Queued> out) {
    long sum = 0;
    for (LinkedHashSet<Queued> level : lane.levels) {
      for (Queued queued : level) {
        if (isOver(queued, nowNs)) {
          out.add(queued);
          continue;
        }
        long more = queued.request().rows();
        if (sum > 0 && more > runRows - sum) {
          return;
        }
        sum += more;
        out.add(queued);
      }
    }
  }

  private static boolean isOver(Queued queued, long nowNs) {
    return queued.isLate(nowNs) || queued.isTimedOut(nowNs);
  }

  private void dropLate(long nowNs, List<Queued> late) {
    for (LinkedHashSet<Queued> level : levels) {
      while (!level.isEmpty() && isOver(level.getFirst(), nowNs)) {
        Queued first = level.getFirst();
        remove(first);
        late.add(first);
      }
    }
  }

  private @Nullable Queued ready(long nowNs, long fullRows) {
    for (LinkedHashSet<Queued> level : levels) {
      for (Iterator<Queued> i = level.iterator(); i.hasNext(); ) {
        Queued queued = i.next();
        Lane lane = queued.lane();
        if (timeoutNs == 0
            || lane == null
            || lane.rows >= fullRows
            || nowNs - lane.oldestNs() >= timeoutNs) {
          return queued;
        }
      }
    }
    return null;
  }

  /**
   * Until when everything that waits is held back; {@link Long#MAX_VALUE} if nothing waits. To be
   * asked when {@link #take} has found nothing ready.
   */
  long readyNs() {
    long ready = Long.MAX_VALUE;
    for (Lane lane : byKey.values()) {
      long laneNs = lane.oldestNs() + timeoutNs;
      ready = ready == Long.MAX_VALUE || laneNs - ready < 0 ? laneNs : ready;
    }
    return ready;
  }
}
