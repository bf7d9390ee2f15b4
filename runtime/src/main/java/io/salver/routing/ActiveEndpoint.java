package io.salver.routing;

import io.salver.lifecycle.LeaseWaiter;
import io.salver.model.ModelLease;
import io.salver.predict.Caller;
import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.ServingException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint that is in force: what was configured, what it was steered to, and what it counted.
 * Thread-safe.
 */
final class ActiveEndpoint {
  /** Stands for the default where a route is asked for. */
  static final int NO_ROUTE = -1;

  private static final double[] NO_CONTEXT = {};

  private final EndpointSpec spec;
  private final EndpointParts parts;
  private final List<Route> routes;
  private final int[] routeHashes;
  private final int idHash;
  private final RouteCounters[] counters;
  private final LongAdder defaults;
  private final Comparison comparison;
  private final @Nullable Predictor predictor;
  private final @Nullable String stickyHeader;
  private final boolean choosesLate;
  private volatile @Nullable StickyChoice shares;
  private volatile @Nullable Bandit bandit;
  private volatile double[] weights;

  /**
   * Brings an endpoint into force.
   *
   * @param before what it was so far, whose counts go on; null if it is new
   */
  ActiveEndpoint(EndpointSpec spec, EndpointParts parts, @Nullable ActiveEndpoint before) {
    this.spec = spec;
    this.parts = parts;
    this.routes = spec.policy().routes();
    this.routeHashes = routes.stream().mapToInt(Prediction::routeHash).toArray();
    this.idHash = parts.ids().endpointHash(spec.name());
    this.counters =
        routes.stream().map(route -> counters(route, before)).toArray(RouteCounters[]::new);
    this.defaults = before == null ? new LongAdder() : before.defaults;
    this.comparison = before == null ? new Comparison() : before.comparison;
    this.stickyHeader =
        spec.sticky().orElse(null) instanceof Sticky.Header(String name) ? name : null;
    this.choosesLate = choosesLate(spec);
    this.weights = initialWeights(routes);
    this.shares = initialShares();
    this.bandit = initialBandit();
    if (before != null && before.spec.policy().equals(spec.policy())) {
      this.shares = before.shares;
      this.bandit = before.bandit;
      this.weights = before.weights;
    }
    RouteStage stage = stage();
    this.predictor =
        stage == RouteStage.REFERENCE
            ? null
            : (request, reply) -> stage.run(request, (EndpointLease) request.lease(), reply);
  }

  private static RouteCounters counters(Route route, @Nullable ActiveEndpoint before) {
    if (before != null) {
      for (int i = 0; i < before.routes.size(); i++) {
        if (before.routes.get(i).toString().equals(route.toString())) {
          return before.counters[i];
        }
      }
    }
    return new RouteCounters();
  }

  private static boolean choosesLate(EndpointSpec spec) {
    return switch (spec.policy()) {
      case Policy.Split _, Policy.Ab _, Policy.Canary _ ->
          spec.sticky().orElse(null) instanceof Sticky.Input;
      case Policy.BanditRoutes(_, _, List<String> features) -> !features.isEmpty();
      case Policy.Direct _, Policy.Shadow _, Policy.Ensemble _, Policy.Cascade _ -> false;
    };
  }

  private @Nullable StickyChoice initialShares() {
    return switch (spec.policy()) {
      case Policy.Split split ->
          choice(split.routes().stream().mapToDouble(Route::weight).toArray());
      case Policy.Ab ab -> choice(equal(ab.routes().size()));
      case Policy.Canary canary -> {
        double first = canary.steps().getFirst();
        yield choice(new double[] {100 - first, first});
      }
      case Policy.BanditRoutes _,
          Policy.Direct _,
          Policy.Shadow _,
          Policy.Ensemble _,
          Policy.Cascade _ ->
          null;
    };
  }

  /**
   * What an ensemble's members weigh before anything is learnt: all the same if nothing is said.
   */
  private static double[] initialWeights(List<Route> routes) {
    double[] given = routes.stream().mapToDouble(Route::weight).toArray();
    return Arrays.stream(given).sum() > 0 ? given : equal(routes.size());
  }

  private static double[] equal(int count) {
    double[] shares = new double[count];
    Arrays.fill(shares, 100.0 / count);
    return shares;
  }

  private StickyChoice choice(double[] percent) {
    return StickyChoice.of(spec.name(), routes.stream().map(Route::toString).toList(), percent);
  }

  private @Nullable Bandit initialBandit() {
    return spec.policy() instanceof Policy.BanditRoutes policy ? newBandit(policy) : null;
  }

  /** A bandit for a policy that has learnt nothing yet. */
  static Bandit newBandit(Policy.BanditRoutes policy) {
    return Bandits.create(
        policy.algorithm().name().toLowerCase(Locale.ROOT),
        policy.routes().size(),
        policy.features().size(),
        Map.of());
  }

  private RouteStage stage() {
    boolean timed = spec.hasDefault() && !spec.objective().isZero();
    if (spec.policy() instanceof Policy.Ensemble ensemble
        && !(timed && ensemble.stack().isPresent())) {
      return new EnsembleStage(ensemble, spec.objective(), spec.defaults());
    }
    RouteStage stage = policyStage();
    if (timed) {
      return new ObjectiveStage(stage, spec.objective(), spec.defaults());
    }
    return spec.hasDefault() ? new DefaultStage(stage, spec.defaults()) : stage;
  }

  private RouteStage policyStage() {
    return switch (spec.policy()) {
      case Policy.Direct _ -> RouteStage.REFERENCE;
      case Policy.Split _, Policy.Ab _ ->
          choosesLate
              ? new FeatureStage(this::chooseByInput, RouteStage.CHOSEN)
              : RouteStage.REFERENCE;
      case Policy.Canary canary -> {
        CanaryStage stage =
            new CanaryStage(comparison, canary.limits().maxDifferenceRate().isPresent());
        yield choosesLate ? new FeatureStage(this::chooseByInput, stage) : stage;
      }
      case Policy.Shadow(_, _, double percent) -> new ShadowStage(comparison, percent / 100);
      case Policy.BanditRoutes _ ->
          choosesLate
              ? new FeatureStage(this::chooseByFeatures, RouteStage.CHOSEN)
              : RouteStage.REFERENCE;
      case Policy.Cascade(_, double minConfidence) -> new CascadeStage(minConfidence);
      // The objective is that of the stacking model, which is asked last.
      case Policy.Ensemble ensemble -> new EnsembleStage(ensemble, Duration.ZERO, Map.of());
    };
  }

  EndpointSpec spec() {
    return spec;
  }

  EndpointParts parts() {
    return parts;
  }

  List<Route> routes() {
    return routes;
  }

  RouteCounters counters(int route) {
    return counters[route];
  }

  void answeredByDefault() {
    defaults.increment();
  }

  /** Answers that were the default's so far. */
  long defaults() {
    return defaults.sum();
  }

  /** Copies for comparison that were dropped so far. */
  long dropped() {
    return comparison.dropped();
  }

  /** The share of requests that a route gets now, in percent. */
  double share(int route) {
    StickyChoice bySharing = shares;
    Bandit learning = bandit;
    if (bySharing != null) {
      return 100 * bySharing.share(route);
    }
    return learning == null ? 100 : 100 * learning.weights()[route];
  }

  /** What the members of an ensemble weigh; not to be changed. */
  double[] weights() {
    return weights;
  }

  /** What its bandit knows; null if it has none. */
  @Nullable Bandit bandit() {
    return bandit;
  }

  /** The stages that lie before those of the version that {@code reference} holds. */
  Predictor predictor(ModelLease reference) {
    Predictor own = predictor;
    return own == null ? reference.predictor() : own;
  }

  /**
   * From now on shares requests out like this.
   *
   * @throws IllegalArgumentException if that is of another policy, or of another number of routes
   */
  void steer(Steering steering) {
    switch (steering) {
      case Steering.Shares(List<Double> percent) -> {
        check(shares != null, percent.size());
        shares = choice(percent.stream().mapToDouble(Double::doubleValue).toArray());
      }
      case Steering.Learnt(Bandit learnt) -> {
        check(bandit != null, learnt.arms());
        bandit = learnt;
      }
      case Steering.Weights(List<Double> members) -> {
        check(spec.policy() instanceof Policy.Ensemble, members.size());
        weights = members.stream().mapToDouble(Double::doubleValue).toArray();
      }
    }
  }

  private void check(boolean fits, int count) {
    if (!fits || count != routes.size()) {
      throw new IllegalArgumentException(
          "endpoint "
              + spec.name()
              + ": "
              + count
              + " values (expected: what its policy with "
              + routes.size()
              + " routes is steered by)");
    }
  }

  /**
   * Holds the version that a route leads to.
   *
   * @throws ServingException if there is none
   */
  SharedLease lease(int route) {
    Route to = routes.get(route);
    return new SharedLease(parts.models().lease(to.model(), to.selector()));
  }

  /**
   * Holds the version by which a request is read, and chooses the route if that is known by then.
   *
   * @throws ServingException if no route leads anywhere
   */
  ModelLease lease(Caller caller) {
    Choice choice = choose(caller);
    EndpointLease lease =
        spec.policy() instanceof Policy.Canary
            ? new EndpointLease(this, lease(0), choice.arm(), choice.probability())
            : firstThere(choice.arm(), choice.probability());
    lease.setJoinKey(caller.header(JoinListener.HEADER));
    return lease;
  }

  /**
   * The same for a request that can wait for a model on demand: null if {@code waiter} is told
   * instead.
   */
  @Nullable ModelLease lease(Caller caller, LeaseWaiter waiter) {
    Choice choice = choose(caller);
    int reading = spec.policy() instanceof Policy.Canary ? 0 : choice.arm();
    String joinKey = caller.header(JoinListener.HEADER);
    EndpointLease lease;
    try {
      lease = new EndpointLease(this, lease(reading), choice.arm(), choice.probability());
    } catch (ServingException absent) {
      EndpointLease other = spec.policy() instanceof Policy.Ensemble ? anyThere() : null;
      if (other == null) {
        return new ColdRoute(this, choice, reading, joinKey, waiter).lease();
      }
      lease = other;
    }
    lease.setJoinKey(joinKey);
    return lease;
  }

  /** Any member of an ensemble can read its requests; null if none is there. */
  private @Nullable EndpointLease anyThere() {
    for (int i = 0; i < routes.size(); i++) {
      EndpointLease member = tryLease(i);
      if (member != null) {
        return member;
      }
    }
    return null;
  }

  private Choice choose(Caller caller) {
    int route = 0;
    double probability = 1;
    StickyChoice bySharing = shares;
    Bandit learning = bandit;
    if (!choosesLate && bySharing != null) {
      String key = stickyHeader == null ? null : caller.header(stickyHeader);
      route =
          key == null ? bySharing.choose(parts.random()) : bySharing.choose(StickyChoice.hash(key));
      probability = bySharing.share(route);
    } else if (!choosesLate && learning != null) {
      Choice choice = learning.choose(NO_CONTEXT, parts.random());
      return choice;
    }
    return new Choice(route, probability);
  }

  /**
   * The chosen route, or else the first of the others that leads to a version: with a probability
   * of 0, since the policy did not choose it.
   */
  EndpointLease firstThere(int chosen, double probability) {
    try {
      return new EndpointLease(this, lease(chosen), chosen, probability);
    } catch (ServingException absent) {
      counters[chosen].failed();
      for (int i = 0; i < routes.size(); i++) {
        EndpointLease other = i == chosen ? null : tryLease(i);
        if (other != null) {
          return other;
        }
      }
      throw absent;
    }
  }

  private @Nullable EndpointLease tryLease(int route) {
    try {
      return new EndpointLease(this, lease(route), route, 0);
    } catch (ServingException absent) {
      return null;
    }
  }

  private void chooseByInput(PredictRequest request, EndpointLease lease) {
    StickyChoice bySharing = shares;
    if (bySharing == null || !(spec.sticky().orElse(null) instanceof Sticky.Input(String name))) {
      throw new AssertionError("no shares, or not sticky by an input");
    }
    int route = bySharing.choose(StickyChoice.hash(FeatureStage.key(request, name)));
    lease.choose(route, bySharing.share(route));
  }

  private void chooseByFeatures(PredictRequest request, EndpointLease lease) {
    Bandit learning = bandit;
    if (learning == null || !(spec.policy() instanceof Policy.BanditRoutes policy)) {
      throw new AssertionError("no bandit");
    }
    double[] features = FeatureStage.features(request, policy.features());
    Choice choice = learning.choose(features, parts.random());
    lease.choose(choice.arm(), choice.probability());
    float[] context = new float[features.length];
    for (int i = 0; i < context.length; i++) {
      context[i] = (float) features[i];
    }
    lease.setContext(context);
  }

  /**
   * The id of a prediction that was made just now.
   *
   * @param route the index of the route; {@link #NO_ROUTE} for the default
   */
  String predictionId(
      int route,
      long version,
      float probability,
      @Nullable Label label,
      float[] context,
      int[] members) {
    Prediction prediction =
        new Prediction(
            spec.name(),
            parts.clock().millis() / 1000,
            parts.random().nextLong(),
            route == NO_ROUTE ? 0 : routeHashes[route],
            version,
            probability,
            label,
            context,
            members);
    return parts.ids().encode(idHash, prediction);
  }
}
