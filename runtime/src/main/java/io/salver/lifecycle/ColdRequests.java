package io.salver.lifecycle;

import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The requests that wait for models to be loaded: where the data plane, which never loads, leaves
 * them for the control plane. Thread-safe; {@link #await} does not wait for whoever loads.
 */
final class ColdRequests {
  /** What a request gets. */
  sealed interface Answer {
    record Lease(ModelLease lease) implements Answer {}

    record Refusal(ServingException reason) implements Answer {}
  }

  private record Waiting(VersionSelector selector, LeaseWaiter waiter, long sinceNs) {}

  private final int maxWaiting;
  private final long maxWaitNs;
  private final OnDemandStatistics statistics;
  private final Set<String> models = ConcurrentHashMap.newKeySet();
  private final ConcurrentHashMap<String, List<Waiting>> waiting = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
  private volatile Runnable onAsked = () -> {};

  ColdRequests(OnDemandOptions options, OnDemandStatistics statistics) {
    this.maxWaiting = options.maxWaiting();
    this.maxWaitNs = options.maxWait().toNanos();
    this.statistics = statistics;
  }

  /** Sets what wakes the control plane up. */
  void onAsked(Runnable action) {
    onAsked = action;
  }

  /** Asks for a model on behalf of someone who does not wait; returns whether it is on demand. */
  boolean ask(String model) {
    if (!models.contains(model)) {
      return false;
    }
    asked.add(model);
    onAsked.run();
    return true;
  }

  /** Says whether a model may be waited for. */
  void setOnDemand(String model, boolean onDemand) {
    if (onDemand) {
      models.add(model);
    } else {
      models.remove(model);
    }
  }

  /**
   * Has a request wait, unless its model is not one that is loaded on demand.
   *
   * @return whether it waits
   * @throws ServingException RESOURCE_EXHAUSTED if too many do
   */
  boolean await(String model, VersionSelector selector, LeaseWaiter waiter, long nowNs) {
    if (!models.contains(model)) {
      return false;
    }
    waiting.compute(model, (_, queue) -> added(model, queue, selector, waiter, nowNs));
    return ask(model);
  }

  private List<Waiting> added(
      String model,
      @Nullable List<Waiting> queue,
      VersionSelector selector,
      LeaseWaiter waiter,
      long nowNs) {
    List<Waiting> longer = queue == null ? new ArrayList<>() : queue;
    if (longer.size() >= maxWaiting) {
      longer.removeIf(one -> one.waiter.isGone());
    }
    if (longer.size() >= maxWaiting) {
      statistics.refused();
      throw new ServingException(
          Category.RESOURCE_EXHAUSTED,
          "model "
              + model
              + ": "
              + longer.size()
              + " requests wait for it to be loaded (expected: at most "
              + maxWaiting
              + ")");
    }
    longer.add(new Waiting(selector, waiter, nowNs));
    return longer;
  }

  /** The models that were asked for since this was called last, in that order. */
  Set<String> takeAsked() {
    Set<String> taken = new LinkedHashSet<>();
    for (String model = asked.poll(); model != null; model = asked.poll()) {
      taken.add(model);
    }
    return taken;
  }

  /** The models that are waited for. */
  Set<String> models() {
    return waiting.keySet();
  }

  boolean isAwaited(String model) {
    return waiting.containsKey(model);
  }

  /**
   * Answers those of a model's requests that can be answered, and those that have waited too long.
   *
   * @param reason why the model is not there, in words
   */
  void answer(
      String model,
      long nowNs,
      Function<VersionSelector, Optional<Answer>> answers,
      Function<String, String> reason) {
    waiting.computeIfPresent(
        model,
        (_, queue) -> {
          for (Iterator<Waiting> i = queue.iterator(); i.hasNext(); ) {
            Waiting one = i.next();
            if (one.waiter.isGone()) {
              i.remove();
              continue;
            }
            Optional<Answer> answer = answers.apply(one.selector);
            if (answer.isEmpty() && nowNs - one.sinceNs >= maxWaitNs) {
              answer = Optional.of(new Answer.Refusal(late(model, reason.apply(model))));
            }
            if (answer.isPresent()) {
              i.remove();
              give(one, answer.get(), nowNs);
            }
          }
          return queue.isEmpty() ? null : queue;
        });
  }

  private ServingException late(String model, String reason) {
    return new ServingException(
        Category.UNAVAILABLE,
        "model " + model + " was not loaded within " + maxWaitNs / 1_000_000 + " ms: " + reason);
  }

  private void give(Waiting one, Answer answer, long nowNs) {
    switch (answer) {
      case Answer.Lease(ModelLease lease) -> {
        statistics.coldHit(nowNs - one.sinceNs);
        one.waiter.leased(lease);
      }
      case Answer.Refusal(ServingException refused) -> {
        statistics.refused();
        one.waiter.refused(refused);
      }
    }
  }
}
