package io.salver.lifecycle;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.Function;

/**
 * Whether models have come to rest, and waiting for it. Shares the lock of a {@link Reconciler},
 * which signals {@code changed}.
 */
final class Settlement {
  private final Map<String, ModelRecord> models;
  private final Lock lock;
  private final Condition changed;
  private final long retryIntervalNs;
  private final Time time;

  Settlement(
      Map<String, ModelRecord> models,
      Lock lock,
      Condition changed,
      Duration retryInterval,
      Time time) {
    this.models = models;
    this.lock = lock;
    this.changed = changed;
    this.retryIntervalNs = retryInterval.toNanos();
    this.time = time;
  }

  /**
   * Blocks until models have settled.
   *
   * @param settled says of a model why it is not available, "" if it is; empty if it may yet be
   * @return why those that are not available are not, by name
   * @throws ServingException DEADLINE_EXCEEDED after {@code limit}, or CANCELLED if interrupted
   */
  Map<String, String> await(
      Set<String> names, Duration limit, Function<String, Optional<String>> settled) {
    lock.lock();
    try {
      long leftNs = limit.toNanos();
      while (!names.stream().allMatch(name -> settled.apply(name).isPresent())) {
        if (leftNs <= 0) {
          throw new ServingException(Category.DEADLINE_EXCEEDED, unfinished(names, limit));
        }
        leftNs = changed.awaitNanos(leftNs);
      }
      return failures(names, settled);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServingException(Category.CANCELLED, "interrupted while models were loading", e);
    } finally {
      lock.unlock();
    }
  }

  /** Whether a version of it is available, or none will be by itself. With the lock held. */
  Optional<String> settled(String name) {
    ModelRecord model = models.get(name);
    if (model == null || model.config() == null) {
      return Optional.of("not configured any more");
    }
    return model.settled(time.nanoTime(), retryIntervalNs);
  }

  /** Whether all wanted versions are available, or will not be without another try. Likewise. */
  Optional<String> settledWholly(String name) {
    ModelRecord model = models.get(name);
    if (model == null || model.config() == null) {
      return Optional.of("not configured any more");
    }
    return model.settledWholly(time.nanoTime(), retryIntervalNs);
  }

  private static Map<String, String> failures(
      Set<String> names, Function<String, Optional<String>> settled) {
    Map<String, String> failures = new LinkedHashMap<>();
    for (String name : new TreeSet<>(names)) {
      settled.apply(name).filter(why -> !why.isEmpty()).ifPresent(why -> failures.put(name, why));
    }
    return failures;
  }

  private String unfinished(Set<String> names, Duration limit) {
    Map<String, String> waiting = new LinkedHashMap<>();
    for (String name : new TreeSet<>(names)) {
      ModelRecord model = models.get(name);
      if (model != null && !model.isAvailable()) {
        waiting.put(name, model.status().reason());
      }
    }
    return waiting.size() + " model(s) not available after " + limit + ": " + waiting;
  }
}
