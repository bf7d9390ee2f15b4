package io.salver.endpoint;

import com.google.gson.JsonObject;
import io.salver.gate.Canary;
import io.salver.gate.CanaryObservation;
import io.salver.gate.CanaryPlan;
import io.salver.gate.CanaryRecord;
import io.salver.gate.CanaryState;
import io.salver.gate.Verdict;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.routing.EndpointModels;
import io.salver.routing.Policy;
import io.salver.routing.RouteStatistics;
import io.salver.routing.Steering;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Looks after canaries: counts what both sides do, has that judged, and sets the canary's share by
 * the verdict. Each move is kept, with its reasons in the audit log, before it is in force. What a
 * step has shown is kept in memory only: after a restart the step begins anew.
 *
 * <p>Thread-safe. {@link #step} may block on the store; the rest does not.
 */
public final class CanaryWatch implements CanarySteps {
  /** Who moves canaries in the audit log, where it was nobody else. */
  static final String ACTOR = "salver";

  private static final Logger LOG = System.getLogger(CanaryWatch.class.getName());
  private static final int BASELINE = 0;
  private static final int CANARY = 1;

  private final EndpointModels models;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Watched> watched = new HashMap<>();

  /** A watch over the endpoints of {@code models}. */
  public CanaryWatch(EndpointModels models, Clock clock) {
    this.models = models;
    this.clock = clock;
  }

  /**
   * A canary on its way.
   *
   * @param begun what its routes had come to when the step began
   */
  private record Watched(CanaryPlan plan, CanaryState state, List<RouteStatistics> begun) {
    Watched with(CanaryState next, List<RouteStatistics> since) {
      return new Watched(plan, next, since);
    }
  }

  /** Looks at all canaries once; to be called about once a second. */
  void step(Endpoints endpoints) {
    for (Endpoint endpoint : endpoints.list()) {
      if (endpoint.spec().policy() instanceof Policy.Canary policy) {
        try {
          step(endpoints, endpoint, policy);
        } catch (RuntimeException e) {
          LOG.log(
              Level.WARNING,
              "The canary of endpoint {0} is not looked after: {1}",
              endpoint.name(),
              e.getMessage());
        }
      }
    }
  }

  private void step(Endpoints endpoints, Endpoint endpoint, Policy.Canary policy) {
    String name = endpoint.name();
    Instant now = clock.instant();
    if (endpoint.state(Endpoints.CANARY).isEmpty()) {
      CanaryState first = Canary.start(CanaryPlan.of(policy), now);
      endpoints.updateState(
          name, Endpoints.CANARY, (_, kept) -> Optional.of(kept.orElseGet(() -> write(first))));
      return;
    }
    Watched before = watched(name);
    if (before == null) {
      changed(endpoint, endpoint.state(Endpoints.CANARY));
      return;
    }
    List<RouteStatistics> total = models.routeStatistics(name);
    if (total.size() != 2) {
      return;
    }
    CanaryState next =
        Canary.next(
            before.plan(),
            before.state(),
            CanaryObservation.of(
                total.get(BASELINE).since(before.begun().get(BASELINE)),
                total.get(CANARY).since(before.begun().get(CANARY))),
            now);
    if (moved(before.state(), next)) {
      keep(endpoints, name, before.state(), next);
    } else {
      remember(name, before, next);
    }
  }

  private @Nullable Watched watched(String name) {
    lock.lock();
    try {
      return watched.get(name);
    } finally {
      lock.unlock();
    }
  }

  private void remember(String name, Watched before, CanaryState next) {
    lock.lock();
    try {
      // Unless somebody has moved it meanwhile.
      watched.replace(name, before, before.with(next, before.begun()));
    } finally {
      lock.unlock();
    }
  }

  private static boolean moved(CanaryState before, CanaryState next) {
    return before.phase() != next.phase()
        || before.pause() != next.pause()
        || before.step() != next.step();
  }

  private static void keep(Endpoints endpoints, String name, CanaryState before, CanaryState next) {
    String detail = String.join("; ", next.verdict().reasons());
    endpoints.act(
        name,
        "canary " + action(before, next),
        ACTOR,
        detail,
        Endpoints.CANARY,
        (_, kept) -> {
          if (kept.isEmpty() || moved(read(kept.get()), before)) {
            throw new ServingException(
                Category.ABORTED, "canary of " + name + ": moved by somebody else meanwhile");
          }
          return Optional.of(write(next));
        });
  }

  private static String action(CanaryState before, CanaryState next) {
    return switch (next.phase()) {
      case PROMOTED -> "promoted";
      case ROLLED_BACK -> "rolled back";
      case PAUSED -> "paused";
      case RUNNING -> next.step() == before.step() ? "resumed" : "step " + (next.step() + 1);
    };
  }

  @Override
  public String apply(CanaryAction action, Endpoint endpoint, Optional<String> kept) {
    Policy.Canary policy = (Policy.Canary) endpoint.spec().policy();
    CanaryPlan plan = CanaryPlan.of(policy);
    Instant now = clock.instant();
    CanaryState state = kept.map(CanaryWatch::read).orElseGet(() -> Canary.start(plan, now));
    try {
      return write(
          switch (action) {
            case PROMOTE -> Canary.promote(state, now);
            case ROLLBACK -> Canary.rollBack(state, now);
            case PAUSE -> Canary.pause(state, now);
            case RESUME -> Canary.resume(plan, state, now);
            case RESTART -> Canary.start(plan, now);
          });
    } catch (IllegalStateException e) {
      throw new ServingException(
          Category.FAILED_PRECONDITION, action.text() + ": " + e.getMessage(), e);
    }
  }

  /** The state of a canary is another one, or was found when the server started. */
  void changed(Endpoint endpoint, Optional<String> kept) {
    if (!(endpoint.spec().policy() instanceof Policy.Canary policy) || kept.isEmpty()) {
      forget(endpoint.name());
      return;
    }
    CanaryState state = read(kept.get());
    List<RouteStatistics> now = models.routeStatistics(endpoint.name());
    lock.lock();
    try {
      Watched before = watched.get(endpoint.name());
      List<RouteStatistics> begun =
          before != null && before.state().since().equals(state.since()) ? before.begun() : now;
      watched.put(endpoint.name(), new Watched(CanaryPlan.of(policy), state, begun));
    } finally {
      lock.unlock();
    }
    models.steer(
        endpoint.name(), new Steering.Shares(List.of(100 - state.weight(), state.weight())));
  }

  /** The endpoint has no canary any more. */
  void forget(String endpoint) {
    lock.lock();
    try {
      watched.remove(endpoint);
    } finally {
      lock.unlock();
    }
  }

  /** How a canary fares; empty if there is none, or it has not begun. */
  Optional<JsonObject> report(Endpoint endpoint) {
    Watched of = watched(endpoint.name());
    if (of == null || !(endpoint.spec().policy() instanceof Policy.Canary)) {
      return Optional.empty();
    }
    CanaryState state = of.state();
    Verdict verdict = state.verdict();
    JsonObject json = new JsonObject();
    json.addProperty("state", name(state.phase()));
    if (state.pause() != CanaryState.Pause.NONE) {
      json.addProperty("pause", name(state.pause()));
    }
    json.addProperty("step", state.step() + 1);
    json.addProperty("weight", state.weight());
    json.addProperty("since", state.since().toString());
    json.addProperty("verdict", name(verdict.outcome()));
    json.add("reasons", PlainJson.write(Map.of("r", verdict.reasons())).get("r"));
    json.add("statistics", PlainJson.write(verdict.statistics()));
    return Optional.of(json);
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static String write(CanaryState state) {
    return PlainJson.write(CanaryRecord.write(state)).toString();
  }

  private static CanaryState read(String kept) {
    return CanaryRecord.read(PlainJson.read(JsonTrees.object(kept)));
  }
}
