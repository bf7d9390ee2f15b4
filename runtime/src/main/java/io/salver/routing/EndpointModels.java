package io.salver.routing;

import io.salver.batching.RunStatistics;
import io.salver.cache.CacheStatistics;
import io.salver.lifecycle.LeaseWaiter;
import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.model.VersionSelector;
import io.salver.predict.Caller;
import io.salver.predict.ServingException;
import io.salver.tensor.Signature;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The models, with endpoints in front of them: where a request names an endpoint and no version,
 * the endpoint chooses. Thread-safe; {@link #lease} takes no lock, and costs a request for a model
 * one look into a hash table.
 */
public final class EndpointModels implements ServedModels, EndpointTable {
  private final EndpointParts parts;
  private final ServedModels models;
  private final ReentrantLock publishing = new ReentrantLock();
  private volatile Map<String, ActiveEndpoint> endpoints = Map.of();

  /** The models of {@code parts}, with no endpoints yet. */
  public EndpointModels(EndpointParts parts) {
    this.parts = parts;
    this.models = parts.models();
  }

  @Override
  public void publish(Collection<EndpointSpec> specs) {
    publishing.lock();
    try {
      Map<String, ActiveEndpoint> next = new HashMap<>();
      for (EndpointSpec spec : specs) {
        ActiveEndpoint before = endpoints.get(spec.name());
        boolean same = before != null && before.spec().equals(spec);
        next.put(spec.name(), same ? before : new ActiveEndpoint(spec, parts, before));
      }
      endpoints = next;
    } finally {
      publishing.unlock();
    }
  }

  /**
   * Changes what an endpoint is steered by, from the next request on. Nothing happens if there is
   * no such endpoint any more.
   *
   * @throws IllegalArgumentException if its policy is not steered by that
   */
  public void steer(String endpoint, Steering steering) {
    ActiveEndpoint active = endpoints.get(endpoint);
    if (active != null) {
      active.steer(steering);
    }
  }

  /**
   * The default signature by which requests for a model or an endpoint are read; of an endpoint,
   * that of its first route. Empty if it leads to no version that is ready.
   */
  public Optional<Signature> signature(String name) {
    ActiveEndpoint endpoint = endpoints.get(name);
    Route route =
        endpoint == null ? new Route(name, VersionSelector.LATEST) : endpoint.routes().getFirst();
    try (ModelLease lease = models.lease(route.model(), route.selector())) {
      return Optional.of(lease.model().defaultSignature());
    } catch (ServingException absent) {
      return Optional.empty();
    }
  }

  /** What came of each of an endpoint's routes, in the policy's order; empty if there is none. */
  public List<RouteStatistics> routeStatistics(String endpoint) {
    ActiveEndpoint active = endpoints.get(endpoint);
    if (active == null) {
      return List.of();
    }
    return IntStream.range(0, active.routes().size())
        .mapToObj(i -> active.counters(i).statistics())
        .toList();
  }

  /**
   * The share of requests that a route gets now, in percent; all of them where all routes answer.
   */
  public double share(String endpoint, int route) {
    ActiveEndpoint active = endpoints.get(endpoint);
    return active == null ? 0 : active.share(route);
  }

  /** How often an endpoint has answered with its default; 0 if there is no such endpoint. */
  public long defaultAnswers(String endpoint) {
    ActiveEndpoint active = endpoints.get(endpoint);
    return active == null ? 0 : active.defaults();
  }

  /**
   * Copies of an endpoint's requests, for shadows or to compare answers, that there was no room
   * for.
   */
  public long droppedCopies(String endpoint) {
    ActiveEndpoint active = endpoints.get(endpoint);
    return active == null ? 0 : active.dropped();
  }

  /** What an endpoint's bandit knows; empty if it has none. */
  public Optional<Bandit> bandit(String endpoint) {
    ActiveEndpoint active = endpoints.get(endpoint);
    return Optional.ofNullable(active).map(ActiveEndpoint::bandit);
  }

  /** The endpoint that a request with this name and selector is for; null if it is for a model. */
  private @Nullable ActiveEndpoint named(String name, VersionSelector selector) {
    ActiveEndpoint endpoint = endpoints.get(name);
    return endpoint != null && selector instanceof VersionSelector.Latest ? endpoint : null;
  }

  @Override
  public ModelLease lease(String model, VersionSelector selector) {
    return lease(model, selector, Caller.SILENT);
  }

  @Override
  public ModelLease lease(String model, VersionSelector selector, Caller caller) {
    ActiveEndpoint endpoint = named(model, selector);
    return endpoint == null ? models.lease(model, selector) : endpoint.lease(caller);
  }

  @Override
  public @Nullable ModelLease lease(
      String model, VersionSelector selector, Caller caller, LeaseWaiter waiter) {
    ActiveEndpoint endpoint = named(model, selector);
    return endpoint == null
        ? models.lease(model, selector, caller, waiter)
        : endpoint.lease(caller, waiter);
  }

  @Override
  public Optional<RunStatistics> statistics(ModelVersion version) {
    return models.statistics(version);
  }

  @Override
  public Optional<CacheStatistics> cacheStatistics(ModelVersion version) {
    return models.cacheStatistics(version);
  }

  /** Of an endpoint: that of the model by whose signature its requests are read. */
  @Override
  public Optional<ModelStatus> status(String model) {
    Optional<ModelStatus> own = models.status(model);
    ActiveEndpoint endpoint = endpoints.get(model);
    return own.isPresent() || endpoint == null
        ? own
        : models.status(endpoint.routes().getFirst().model());
  }

  @Override
  public List<ModelStatus> statuses() {
    return models.statuses();
  }

  @Override
  public boolean isReady() {
    return models.isReady();
  }
}
