package io.salver.endpoint;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.routing.EndpointSpec;
import io.salver.routing.EndpointTable;
import io.salver.routing.Policy;
import io.salver.routing.Route;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a server. Every change is one transaction, of the definition, what its policy
 * remembers and the entry in the audit log; when that is kept, the change is in force. Without the
 * store nothing can be changed, and what was in force stays.
 *
 * <p>Thread-safe. Changes block on the disk; {@link #get} and {@link #list} do not.
 */
public final class Endpoints {
  /** Who puts the endpoints of the configuration file, in the audit log. */
  public static final String CONFIGURATION = "configuration";

  /** A revision to expect: there must be no such endpoint. */
  public static final long ABSENT = 0;

  /** The kind of state of a canary. */
  public static final String CANARY = "canary";

  private static final String PREDICTION_KEY = "prediction_key";
  private static final int KEY_BYTES = 16;
  private static final int HASH_BYTES = 32;
  private static final int MAX_ENDPOINTS = 10_000;
  private static final int MAX_STATE_CHARS = 4 << 20;

  private final ControlStore store;
  private final AuditLog audit;
  private final KnownModels models;
  private final EndpointTable table;
  private final StateListener states;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile NavigableMap<String, Endpoint> current = new TreeMap<>();
  private long revision;
  private byte[] predictionKey = new byte[0];

  /**
   * The endpoints that a store has; none until they are {@linkplain #open() opened}.
   *
   * @param models which models routes may name
   * @param table where the endpoints in force are put
   * @param states told of what policies remember
   */
  public Endpoints(
      ControlStore store,
      KnownModels models,
      EndpointTable table,
      StateListener states,
      Clock clock) {
    this.store = store;
    this.audit = new AuditLog(store, clock);
    this.models = models;
    this.table = table;
    this.states = states;
    this.clock = clock;
  }

  /**
   * Brings into force what the store has. To be called once, before requests come. Models that are
   * not known, or not yet, do not hinder it: their routes fail until they come.
   *
   * @throws ServingException if the store cannot be read, or has an endpoint that cannot be
   */
  public void open() {
    lock.lock();
    try {
      List<Endpoint> stored =
          store.read(view -> {
            revision = view.revision();
            predictionKey =
                view.setting(PREDICTION_KEY)
                    .map(HexFormat.of()::parseHex)
                    .orElseGet(Endpoints::newKey);
            return view.endpoints().stream()
                .map(endpoint -> Endpoint.of(endpoint, view.states(endpoint.name())))
                .toList();
          });
      NavigableMap<String, Endpoint> opened = new TreeMap<>();
      stored.forEach(endpoint -> opened.put(endpoint.name(), endpoint));
      publish(opened);
      for (Endpoint endpoint : stored) {
        endpoint
            .states()
            .forEach((kind, value) -> states.changed(endpoint.name(), kind, Optional.of(value)));
      }
    } finally {
      lock.unlock();
    }
  }

  private static byte[] newKey() {
    byte[] key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    return key;
  }

  /**
   * The secret by which predictions of endpoints are known again: 16 bytes, the same after a
   * restart once an endpoint was put.
   *
   * @throws IllegalStateException before {@link #open()}
   */
  public byte[] predictionKey() {
    lock.lock();
    try {
      if (predictionKey.length == 0) {
        throw new IllegalStateException("endpoints: not opened (expected: open() before)");
      }
      return predictionKey.clone();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Puts an endpoint as the configuration file has it, unless it was put from the same words
   * before: what was changed since then by request stays.
   *
   * @throws ServingException as by {@link #put}
   */
  public void declare(EndpointSpec spec) {
    String declaration = Hashes.sha256(EndpointJson.write(spec).toString(), HASH_BYTES);
    lock.lock();
    try {
      Endpoint before = current.get(spec.name());
      if (before == null || !before.declaration().equals(declaration)) {
        put(spec, CONFIGURATION, OptionalLong.empty(), declaration);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Creates or replaces an endpoint. What its policy remembers stays if the policy does.
   *
   * @param actor who asks for it
   * @param expectedRevision the one that it is to have now, or {@link #ABSENT}; empty if any
   * @return it as it is now
   * @throws ServingException ABORTED if the revision is another; INVALID_ARGUMENT if a route names
   *     no model; what the store fails with
   */
  public Endpoint put(EndpointSpec spec, String actor, OptionalLong expectedRevision) {
    lock.lock();
    try {
      Endpoint before = current.get(spec.name());
      return put(spec, actor, expectedRevision, before == null ? "" : before.declaration());
    } finally {
      lock.unlock();
    }
  }

  private Endpoint put(
      EndpointSpec spec, String actor, OptionalLong expectedRevision, String declaration) {
    Endpoint before = current.get(spec.name());
    Map<String, String> kept = kept(before, spec.policy());
    String definition = EndpointJson.write(spec).toString();
    Endpoint endpoint =
        audit.audited(
            action(actor, "put", spec.name(), definition),
            transaction -> {
              checkRevision(spec.name(), before, expectedRevision);
              checkRoutes(spec);
              checkRoom(before);
              Endpoint next = new Endpoint(spec, declaration, revision + 1, clock.instant(), kept);
              transaction.put(next.stored());
              if (transaction.setting(PREDICTION_KEY).isEmpty()) {
                transaction.putSetting(PREDICTION_KEY, HexFormat.of().formatHex(predictionKey));
              }
              dropped(before, kept).forEach(kind -> transaction.deleteState(spec.name(), kind));
              return Endpoint.of(next.stored(), kept);
            });
    revision = endpoint.revision();
    replace(endpoint.name(), endpoint);
    dropped(before, kept).forEach(kind -> states.changed(spec.name(), kind, Optional.empty()));
    return endpoint;
  }

  private static Map<String, String> kept(@Nullable Endpoint before, Policy policy) {
    return before != null && before.spec().policy().equals(policy) ? before.states() : Map.of();
  }

  private static List<String> dropped(@Nullable Endpoint before, Map<String, String> kept) {
    return before == null || !kept.isEmpty() ? List.of() : List.copyOf(before.states().keySet());
  }

  private void checkRoom(@Nullable Endpoint before) {
    if (before == null && current.size() >= MAX_ENDPOINTS) {
      throw new ServingException(
          Category.FAILED_PRECONDITION,
          "endpoints: " + current.size() + " (expected: at most " + MAX_ENDPOINTS + ")");
    }
  }

  private static void checkRevision(
      String name, @Nullable Endpoint before, OptionalLong expectedRevision) {
    long found = before == null ? ABSENT : before.revision();
    if (expectedRevision.isPresent() && expectedRevision.getAsLong() != found) {
      throw new ServingException(
          Category.ABORTED,
          "revision of endpoint "
              + name
              + ": "
              + (before == null ? "none, it is not there" : found)
              + " (expected: "
              + (expectedRevision.getAsLong() == ABSENT ? "none" : expectedRevision.getAsLong())
              + ")");
    }
  }

  private void checkRoutes(EndpointSpec spec) {
    List<String> unknown = new ArrayList<>();
    for (Route route : routes(spec.policy())) {
      String model = route.model();
      if (!models.isKnown(model)) {
        boolean endpoint = model.equals(spec.name()) || current.containsKey(model);
        unknown.add("\"" + model + (endpoint ? "\" is an endpoint" : "\" is not known"));
      }
    }
    if (!unknown.isEmpty()) {
      throw ServingException.invalid(
          "routes of endpoint "
              + spec.name()
              + ": "
              + String.join(", ", unknown)
              + " (expected: models of this server)");
    }
  }

  private static List<Route> routes(Policy policy) {
    List<Route> routes = new ArrayList<>(policy.routes());
    if (policy instanceof Policy.Ensemble ensemble) {
      ensemble.stack().ifPresent(routes::add);
    }
    return routes;
  }

  /**
   * Removes an endpoint with what its policy remembers.
   *
   * @param expectedRevision the one that it is to have now; empty if any
   * @throws ServingException NOT_FOUND if there is none; ABORTED if the revision is another; what
   *     the store fails with
   */
  public void delete(String name, String actor, OptionalLong expectedRevision) {
    lock.lock();
    try {
      Endpoint before = current.get(name);
      audit.audited(
          action(actor, "delete", name, ""),
          transaction -> {
            require(name);
            checkRevision(name, before, expectedRevision);
            transaction.delete(name);
            return Boolean.TRUE;
          });
      replace(name, null);
      dropped(before, Map.of()).forEach(kind -> states.changed(name, kind, Optional.empty()));
    } finally {
      lock.unlock();
    }
  }

  /** An endpoint. */
  public Optional<Endpoint> get(String name) {
    return Optional.ofNullable(current.get(name));
  }

  /**
   * An endpoint.
   *
   * @throws ServingException NOT_FOUND if there is none
   */
  public Endpoint require(String name) {
    return get(name)
        .orElseThrow(() ->
            new ServingException(
                Category.NOT_FOUND, "endpoint: \"" + name + "\" (expected: one that is there)"));
  }

  /** All endpoints, by name. */
  public List<Endpoint> list() {
    return List.copyOf(current.values());
  }

  /** Who did what. */
  public AuditLog audit() {
    return audit;
  }

  /**
   * Changes a state value without an entry in the audit log, for what endpoints learn by
   * themselves. Writes nothing if it stays the same.
   *
   * @return the endpoint as it is now
   * @throws ServingException NOT_FOUND if there is no such endpoint; what the change or the store
   *     fails with
   */
  public Endpoint updateState(String name, String kind, StateChange change) {
    lock.lock();
    try {
      Endpoint before = require(name);
      Optional<String> value = changed(before, kind, change);
      if (value.equals(before.state(kind))) {
        return before;
      }
      store.change(transaction -> keep(transaction, name, kind, value));
      return inForce(before, kind, value);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Changes a state value because somebody asked for it, or because it was decided: that goes into
   * the audit log, also where it is refused.
   *
   * @param action as {@code rollback}
   * @param detail why, in words; may be empty
   * @return the endpoint as it is now
   * @throws ServingException as by {@link #updateState}
   */
  public Endpoint act(
      String name, String action, String actor, String detail, String kind, StateChange change) {
    lock.lock();
    try {
      Optional<String> value =
          audit.audited(
              action(actor, action, name, detail),
              transaction -> {
                Optional<String> next = changed(require(name), kind, change);
                keep(transaction, name, kind, next);
                return next;
              });
      return inForce(require(name), kind, value);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Does something to an endpoint's canary.
   *
   * @return the endpoint as it is now
   * @throws ServingException FAILED_PRECONDITION if the policy is not a canary; as by {@link
   *     #updateState}
   */
  public Endpoint act(String name, CanaryAction action, String actor, CanarySteps steps) {
    return act(
        name,
        action.text(),
        actor,
        "",
        CANARY,
        (endpoint, state) -> {
          if (!(endpoint.spec().policy() instanceof Policy.Canary)) {
            throw new ServingException(
                Category.FAILED_PRECONDITION,
                action.text() + ": endpoint " + name + " has no canary (expected: policy canary)");
          }
          return Optional.of(steps.apply(action, endpoint, state));
        });
  }

  private static Optional<String> changed(Endpoint before, String kind, StateChange change) {
    Optional<String> value = change.apply(before, before.state(kind));
    if (value.isPresent() && value.get().length() > MAX_STATE_CHARS) {
      throw new ServingException(
          Category.RESOURCE_EXHAUSTED,
          kind
              + " of endpoint "
              + before.name()
              + ": "
              + value.get().length()
              + " characters (expected: at most "
              + MAX_STATE_CHARS
              + ")");
    }
    return value;
  }

  private static void keep(
      ControlStore.Transaction transaction, String name, String kind, Optional<String> value) {
    if (value.isPresent()) {
      transaction.putState(name, kind, value.get());
    } else {
      transaction.deleteState(name, kind);
    }
  }

  private Endpoint inForce(Endpoint before, String kind, Optional<String> value) {
    Map<String, String> next = new HashMap<>(before.states());
    if (value.isPresent()) {
      next.put(kind, value.get());
    } else {
      next.remove(kind);
    }
    Endpoint endpoint =
        new Endpoint(
            before.spec(), before.declaration(), before.revision(), before.updated(), next);
    NavigableMap<String, Endpoint> all = new TreeMap<>(current);
    all.put(endpoint.name(), endpoint);
    current = all;
    states.changed(endpoint.name(), kind, value);
    return endpoint;
  }

  private static AuditLog.Action action(String actor, String action, String name, String detail) {
    return new AuditLog.Action(actor, action, "endpoint/" + name, detail);
  }

  private void replace(String name, @Nullable Endpoint endpoint) {
    NavigableMap<String, Endpoint> next = new TreeMap<>(current);
    if (endpoint == null) {
      next.remove(name);
    } else {
      next.put(name, endpoint);
    }
    publish(next);
  }

  private void publish(NavigableMap<String, Endpoint> next) {
    current = next;
    table.publish(next.values().stream().map(Endpoint::spec).toList());
  }
}
