package io.salver.endpoint;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.salver.routing.Bandit;
import io.salver.routing.BanditState;
import io.salver.routing.Bandits;
import io.salver.routing.EndpointModels;
import io.salver.routing.EndpointSpec;
import io.salver.routing.ExpertWeights;
import io.salver.routing.Policy;
import io.salver.routing.Prediction;
import io.salver.routing.Route;
import io.salver.routing.Steering;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What endpoints have learnt from feedback: counts of what was right, the state of bandits, the
 * weights of ensembles. It steers the endpoints at once, and is kept by {@link #keep} now and then:
 * what was learnt since is lost when the process is killed. Thread-safe.
 */
public final class Learning {
  static final String COUNTS = "feedback";
  static final String BANDIT = "bandit";
  static final String WEIGHTS = "weights";

  private static final Logger LOG = System.getLogger(Learning.class.getName());
  private static final int MAX_HISTORY = 360;

  /**
   * By how much a member that was wrong loses weight, and what goes round so that it can win again.
   */
  private static final double RATE = 0.1;

  private static final double SHARE = 0.001;

  private final EndpointModels models;
  private final Clock clock;
  private final Map<String, Learnt> learnt = new ConcurrentHashMap<>();

  /** What is learnt steers {@code models}. */
  public Learning(EndpointModels models, Clock clock) {
    this.models = models;
    this.clock = clock;
  }

  /** Of one endpoint; its fields are guarded by its lock. */
  private static final class Learnt {
    private final ReentrantLock lock = new ReentrantLock();
    private FeedbackCounts counts = new FeedbackCounts();
    private @Nullable Policy policy;
    private @Nullable Bandit bandit;
    private @Nullable ExpertWeights weights;
    private boolean changed;

    /** The kinds that came from here, or were restored: what is in memory is newer. */
    private final Set<String> kept = new HashSet<>();

    private final Deque<JsonObject> history = new ArrayDeque<>();
  }

  private Learnt of(String endpoint) {
    return learnt.computeIfAbsent(endpoint, _ -> new Learnt());
  }

  /**
   * Counts feedback, and learns from it.
   *
   * @param truth null if only the reward is known
   * @param reward 0 to 1; NaN if not known
   */
  void learn(EndpointSpec spec, Prediction prediction, @Nullable Truth truth, double reward) {
    Learnt of = of(spec.name());
    int arm = arm(spec.policy(), prediction);
    String route = arm < 0 ? "" : spec.policy().routes().get(arm).toString();
    of.lock.lock();
    try {
      // What another route was chosen for is right or wrong, but no part of what is compared: it
      // comes from the times when that route was away.
      double counted = prediction.probability() > 0 ? reward : Double.NaN;
      of.counts.add(route, prediction.version(), prediction.label(), truth, counted);
      forgetOtherPolicies(of, spec.policy());
      switch (spec.policy()) {
        case Policy.BanditRoutes policy -> learn(of, spec.name(), policy, arm, prediction, reward);
        case Policy.Ensemble policy -> learn(of, spec.name(), policy, prediction, truth);
        case Policy.Direct _,
            Policy.Split _,
            Policy.Canary _,
            Policy.Shadow _,
            Policy.Ab _,
            Policy.Cascade _ -> {}
      }
    } finally {
      of.lock.unlock();
    }
  }

  private static int arm(Policy policy, Prediction prediction) {
    List<Route> routes = policy.routes();
    for (int i = 0; i < routes.size(); i++) {
      if (Prediction.routeHash(routes.get(i)) == prediction.route()) {
        return i;
      }
    }
    return -1;
  }

  private static void forgetOtherPolicies(Learnt of, Policy policy) {
    if (of.policy != null && !of.policy.equals(policy)) {
      of.bandit = null;
      of.weights = null;
    }
    of.policy = policy;
  }

  private void learn(
      Learnt of,
      String endpoint,
      Policy.BanditRoutes policy,
      int arm,
      Prediction prediction,
      double reward) {
    double[] context = new double[prediction.context().length];
    Arrays.setAll(context, i -> prediction.context()[i]);
    if (arm < 0
        || Double.isNaN(reward)
        || !(prediction.probability() > 0)
        || context.length != policy.features().size()) {
      return;
    }
    Bandit before =
        of.bandit != null ? of.bandit : models.bandit(endpoint).orElseGet(() -> fresh(policy));
    Bandit after = before.learn(arm, Math.min(1, prediction.probability()), context, reward);
    of.bandit = after;
    of.changed = true;
    models.steer(endpoint, new Steering.Learnt(after));
  }

  private static Bandit fresh(Policy.BanditRoutes policy) {
    return Bandits.create(name(policy), policy.routes().size(), policy.features().size(), Map.of());
  }

  private static String name(Policy.BanditRoutes policy) {
    return policy.algorithm().name().toLowerCase(Locale.ROOT);
  }

  private void learn(
      Learnt of,
      String endpoint,
      Policy.Ensemble policy,
      Prediction prediction,
      @Nullable Truth truth) {
    int count = policy.members().size();
    if (policy.combine() != Policy.Combine.WEIGHTED
        || truth == null
        || prediction.members().length != count) {
      return;
    }
    int right = Prediction.labelHash(truth.asClass());
    double[] losses = new double[count];
    Arrays.setAll(
        losses,
        i -> {
          int said = prediction.members()[i];
          return said == 0 ? Double.NaN : said == right ? 0 : 1;
        });
    ExpertWeights before =
        of.weights == null ? ExpertWeights.create(count, RATE, SHARE) : of.weights;
    ExpertWeights after = before.learn(losses);
    of.weights = after;
    of.changed = true;
    models.steer(endpoint, weights(after));
  }

  private static Steering weights(ExpertWeights weights) {
    return new Steering.Weights(Arrays.stream(weights.weights()).boxed().toList());
  }

  /** Puts what has been learnt since it was last asked for into the store. May block. */
  void keep(Endpoints endpoints) {
    learnt.forEach((name, of) -> {
      Optional<Endpoint> endpoint = endpoints.get(name);
      if (endpoint.isEmpty()) {
        return;
      }
      Map<String, String> news = new HashMap<>();
      of.lock.lock();
      try {
        JsonObject counts = of.counts.news();
        if (counts != null) {
          news.put(COUNTS, counts.toString());
        }
        if (of.changed) {
          of.changed = false;
          if (of.bandit != null) {
            news.put(BANDIT, json(of.bandit.state()).toString());
            remember(of, of.bandit.weights());
          }
          if (of.weights != null) {
            news.put(WEIGHTS, json(of.weights.state()).toString());
            remember(of, of.weights.weights());
          }
        }
        of.kept.addAll(news.keySet());
      } finally {
        of.lock.unlock();
      }
      news.forEach(
          (kind, value) -> endpoints.updateState(name, kind, (_, _) -> Optional.of(value)));
    });
  }

  private void remember(Learnt of, double[] weights) {
    JsonObject point = new JsonObject();
    point.addProperty("time", clock.instant().toString());
    point.add("weights", array(weights));
    of.history.addLast(point);
    if (of.history.size() > MAX_HISTORY) {
      of.history.removeFirst();
    }
  }

  private static JsonArray array(double[] values) {
    JsonArray array = new JsonArray();
    for (double value : values) {
      array.add(value);
    }
    return array;
  }

  private static JsonObject json(BanditState state) {
    JsonObject numbers = new JsonObject();
    state
        .numbers()
        .forEach((name, values) -> {
          JsonArray array = new JsonArray();
          values.forEach(array::add);
          numbers.add(name, array);
        });
    JsonObject json = new JsonObject();
    json.addProperty("algorithm", state.algorithm());
    json.add("numbers", numbers);
    return json;
  }

  private static BanditState state(JsonObject json) {
    Map<String, List<Double>> numbers = new HashMap<>();
    json.getAsJsonObject("numbers")
        .asMap()
        .forEach((name, values) -> {
          List<Double> list = new ArrayList<>();
          values.getAsJsonArray().forEach(value -> list.add(value.getAsDouble()));
          numbers.put(name, list);
        });
    return new BanditState(json.get("algorithm").getAsString(), numbers);
  }

  /**
   * Takes over what was kept before the server started, unless this kind was kept since then. What
   * cannot be read is reported, and learnt anew.
   */
  void restore(EndpointSpec spec, String kind, String value) {
    Learnt of = of(spec.name());
    of.lock.lock();
    try {
      if (of.kept.add(kind)) {
        restore(of, spec, kind, JsonTrees.object(value));
      }
    } catch (RuntimeException e) {
      LOG.log(
          Level.WARNING,
          "What endpoint {0} learnt ({1}) cannot be used, and is learnt anew: {2}",
          spec.name(),
          kind,
          e.getMessage());
    } finally {
      of.lock.unlock();
    }
  }

  private void restore(Learnt of, EndpointSpec spec, String kind, JsonObject value) {
    of.policy = spec.policy();
    switch (kind) {
      case COUNTS -> of.counts = FeedbackCounts.read(value);
      case BANDIT -> {
        if (spec.policy() instanceof Policy.BanditRoutes policy) {
          of.bandit =
              Bandits.restore(
                  name(policy),
                  policy.routes().size(),
                  policy.features().size(),
                  Map.of(),
                  state(value));
          models.steer(spec.name(), new Steering.Learnt(of.bandit));
        }
      }
      case WEIGHTS -> {
        if (spec.policy() instanceof Policy.Ensemble policy) {
          of.weights = ExpertWeights.restore(policy.members().size(), RATE, SHARE, state(value));
          models.steer(spec.name(), weights(of.weights));
        }
      }
      default -> {}
    }
  }

  /** Forgets what an endpoint has learnt. */
  void forget(String endpoint) {
    learnt.remove(endpoint);
  }

  /** What feedback said of an endpoint's routes. */
  FeedbackCounts counts(String endpoint) {
    return of(endpoint).counts;
  }

  /** What an endpoint's bandit or ensemble weighs, now and before; empty if it learns nothing. */
  Optional<JsonObject> report(EndpointSpec spec) {
    double[] weights;
    Learnt of = of(spec.name());
    of.lock.lock();
    try {
      switch (spec.policy()) {
        case Policy.BanditRoutes _ -> {
          Optional<Bandit> bandit = models.bandit(spec.name());
          if (bandit.isEmpty()) {
            return Optional.empty();
          }
          weights = bandit.get().weights();
        }
        case Policy.Ensemble policy when policy.combine() == Policy.Combine.WEIGHTED -> {
          int count = policy.members().size();
          weights =
              of.weights == null
                  ? ExpertWeights.create(count, RATE, SHARE).weights()
                  : of.weights.weights();
        }
        default -> {
          return Optional.empty();
        }
      }
      JsonObject json = new JsonObject();
      json.add("weights", array(weights));
      JsonArray history = new JsonArray();
      of.history.forEach(history::add);
      json.add("history", history);
      return Optional.of(json);
    } finally {
      of.lock.unlock();
    }
  }
}
