package io.salver.endpoint;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.salver.gate.AbComparison;
import io.salver.model.VersionSelector;
import io.salver.routing.EndpointModels;
import io.salver.routing.Policy;
import io.salver.routing.Route;
import io.salver.routing.RouteStatistics;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Looks after the endpoints while they are live: moves canaries on, keeps what was learnt and which
 * names callers have for predictions, once a second on a thread of its own; and says what they came
 * to. Thread-safe.
 */
public final class LiveEndpoints implements StateListener, EndpointReport, AutoCloseable {
  private static final Logger LOG = System.getLogger(LiveEndpoints.class.getName());

  /** The chance that an interval of a comparison ever misses the truth. */
  private static final double AB_ALPHA = 0.05;

  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final EndpointModels models;
  private final CanaryWatch canaries;
  private final Learning learning;
  private final JoinKeys joins;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile Optional<Endpoints> endpoints = Optional.empty();
  private volatile Optional<Thread> thread = Optional.empty();

  /** Nothing is done before {@link #start}. */
  public LiveEndpoints(
      EndpointModels models, CanaryWatch canaries, Learning learning, JoinKeys joins) {
    this.models = models;
    this.canaries = canaries;
    this.learning = learning;
    this.joins = joins;
  }

  /** Says whose states it will be told. To be called before they are opened. */
  public void attach(Endpoints told) {
    endpoints = Optional.of(told);
  }

  /**
   * Begins to look after the endpoints that were attached. Called once, when they are open.
   *
   * @throws java.util.NoSuchElementException if none were
   */
  public void start(FeedbackLog log) {
    Endpoints opened = endpoints.orElseThrow();
    Thread started =
        Thread.ofPlatform().daemon().name("salver-endpoints").start(() -> tick(opened, log));
    thread = Optional.of(started);
  }

  private void tick(Endpoints opened, FeedbackLog log) {
    try {
      while (!closing.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        once(opened, log);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    keep(opened, log);
  }

  /** Looks at everything once. */
  void once(Endpoints opened, FeedbackLog log) {
    canaries.step(opened);
    keep(opened, log);
  }

  private void keep(Endpoints opened, FeedbackLog log) {
    try {
      joins.keep(log);
      learning.keep(opened);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "What endpoints have learnt could not be kept: {0}", e.getMessage());
    }
  }

  @Override
  public void changed(String name, String kind, Optional<String> value) {
    Optional<Endpoint> endpoint = endpoints.flatMap(all -> all.get(name));
    boolean ofCanary = kind.equals(Endpoints.CANARY);
    if (endpoint.isEmpty()) {
      canaries.forget(name);
      learning.forget(name);
    } else if (ofCanary) {
      canaries.changed(endpoint.get(), value);
    } else if (value.isEmpty()) {
      learning.forget(name);
    } else {
      learning.restore(endpoint.get().spec(), kind, value.get());
    }
  }

  @Override
  public Optional<JsonObject> canary(Endpoint endpoint) {
    return canaries.report(endpoint);
  }

  @Override
  public JsonObject statistics(Endpoint endpoint) {
    JsonObject json = new JsonObject();
    json.addProperty("defaults", models.defaultAnswers(endpoint.name()));
    json.addProperty("dropped_copies", models.droppedCopies(endpoint.name()));
    json.add("routes", routes(endpoint));
    canary(endpoint).ifPresent(canary -> json.add("canary", canary));
    if (endpoint.spec().policy() instanceof Policy.Ab ab) {
      json.add("ab", comparison(ab, learning.counts(endpoint.name())));
    }
    learning.report(endpoint.spec()).ifPresent(learnt -> json.add("bandit", learnt));
    return json;
  }

  private static JsonObject comparison(Policy.Ab policy, FeedbackCounts feedback) {
    List<Route> routes = policy.routes();
    AbComparison result =
        AbComparison.of(
            routes.stream().map(route -> feedback.rewards(route.toString())).toList(), AB_ALPHA);
    JsonArray pairs = new JsonArray();
    for (AbComparison.Pair pair : result.pairs()) {
      JsonObject json = new JsonObject();
      json.addProperty("first", routes.get(pair.first()).toString());
      json.addProperty("second", routes.get(pair.second()).toString());
      json.addProperty("difference", pair.difference());
      json.addProperty("lower", pair.lower());
      json.addProperty("upper", pair.upper());
      json.addProperty("p_value", pair.pValue());
      pairs.add(json);
    }
    JsonObject json = new JsonObject();
    json.add("pairs", pairs);
    result.best().ifPresent(best -> json.addProperty("best", routes.get(best).toString()));
    return json;
  }

  private JsonArray routes(Endpoint endpoint) {
    Policy policy = endpoint.spec().policy();
    List<RouteStatistics> statistics = models.routeStatistics(endpoint.name());
    FeedbackCounts feedback = learning.counts(endpoint.name());
    JsonArray array = new JsonArray();
    for (int i = 0; i < statistics.size(); i++) {
      Route route = policy.routes().get(i);
      RouteStatistics of = statistics.get(i);
      JsonObject json = new JsonObject();
      json.addProperty("model", route.model());
      switch (route.selector()) {
        case VersionSelector.Latest() -> {}
        case VersionSelector.Exact(long version) -> json.addProperty("version", version);
        case VersionSelector.Labelled(String label) -> json.addProperty("label", label);
      }
      json.addProperty("weight", models.share(endpoint.name(), i));
      json.addProperty("requests", of.requests());
      json.addProperty("errors", of.errors());
      if (of.compared() > 0) {
        json.addProperty("compared", of.compared());
        json.addProperty("different", of.different());
      }
      addLatency(json, "p50_ms", of.latencyNs(0.5));
      addLatency(json, "p99_ms", of.latencyNs(0.99));
      json.add("feedback", feedback.report(route.toString()));
      array.add(json);
    }
    return array;
  }

  private static void addLatency(JsonObject json, String name, double ns) {
    if (!Double.isNaN(ns)) {
      json.addProperty(name, ns / 1e6);
    }
  }

  /** Keeps what has been learnt, and ends. */
  @Override
  public void close() {
    closing.countDown();
    thread.ifPresent(running -> {
      try {
        running.join(Duration.ofSeconds(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
  }
}
