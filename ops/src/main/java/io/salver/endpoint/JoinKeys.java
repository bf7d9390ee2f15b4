package io.salver.endpoint;

import io.salver.routing.JoinListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Passes callers' own names for predictions on to the log, in batches. Names that come faster than
 * they can be kept are dropped and counted. Thread-safe.
 */
public final class JoinKeys implements JoinListener {
  private static final int MAX_WAITING = 20_000;

  private record Join(String endpoint, FeedbackLog.Join join) {}

  private final BlockingQueue<Join> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final ReentrantLock keeping = new ReentrantLock();
  private final LongAdder dropped = new LongAdder();

  @Override
  public void answered(String endpoint, String joinKey, String predictionId) {
    boolean fits = !joinKey.isEmpty() && joinKey.length() <= FeedbackLog.MAX_KEY_CHARS;
    if (!fits || !waiting.offer(new Join(endpoint, new FeedbackLog.Join(joinKey, predictionId)))) {
      dropped.increment();
    }
  }

  /** Names that were too long, or too many, so far. */
  public long dropped() {
    return dropped.sum();
  }

  /** Keeps what has come; when this returns it can be found in {@code log}. May block. */
  void keep(FeedbackLog log) {
    keeping.lock();
    try {
      List<Join> all = new ArrayList<>();
      waiting.drainTo(all);
      Map<String, List<FeedbackLog.Join>> byEndpoint = new HashMap<>();
      for (Join join : all) {
        byEndpoint.computeIfAbsent(join.endpoint(), _ -> new ArrayList<>()).add(join.join());
      }
      byEndpoint.forEach(log::join);
    } finally {
      keeping.unlock();
    }
  }
}
