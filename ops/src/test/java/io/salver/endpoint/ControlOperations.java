package io.salver.endpoint;

import io.salver.control.RandomModelOperations;
import io.salver.predict.ServingException;
import io.salver.routing.EndpointSpec;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;

/** A row of control operations that follows from a seed, and what a store holds after them. */
final class ControlOperations implements AutoCloseable {
  /** The time does not come into what the stores are compared by. */
  private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

  private final Endpoints endpoints;
  private final RandomModelOperations models;
  private final long seed;

  /** Operations on the endpoints and models of a store. */
  ControlOperations(ControlStore store, long seed) {
    this.endpoints =
        new Endpoints(
            store, model -> model.startsWith("m"), specs -> {}, StateListener.NONE, CLOCK);
    this.seed = seed;
    endpoints.open();
    models = new RandomModelOperations(store, CLOCK);
  }

  /** Does the operation of this number; what it depends on are this and the state before. */
  void run(int number) {
    Random random = new Random(seed * 1_000_003 + number);
    String name = "e" + random.nextInt(4);
    try {
      switch (random.nextInt(11)) {
        case 0, 1, 2 -> endpoints.put(RandomSpecs.next(name, random), "a", OptionalLong.empty());
        case 3 -> {
          // The same policy, so that what it remembers stays.
          EndpointSpec spec = endpoints.require(name).spec();
          endpoints.put(spec.withPolicy(spec.policy()), "a", OptionalLong.empty());
        }
        case 4 -> endpoints.delete(name, "a", OptionalLong.empty());
        case 5 ->
            endpoints.updateState(
                name,
                "bandit",
                (endpoint, value) -> Optional.of(value.orElse("") + random.nextInt(10)));
        case 6 ->
            endpoints.act(
                name,
                "pause",
                "b",
                "",
                "canary",
                (endpoint, value) -> Optional.of("x".repeat(random.nextInt(20_000))));
        case 7, 8, 9 -> models.run(random);
        default -> endpoints.put(RandomSpecs.next(name, random), "a", OptionalLong.of(1));
      }
    } catch (ServingException e) {
      // Refused, which is an operation too: it is in the audit log.
    }
  }

  /** All that a store has. */
  static List<Object> content(ControlStore store) {
    return store.read(view -> {
      List<Object> content = new ArrayList<>();
      for (StoredEndpoint endpoint : view.endpoints()) {
        content.add(endpoint);
        content.add(view.states(endpoint.name()));
      }
      content.add(view.settings("model/"));
      content.add(view.revision());
      content.addAll(view.audit(Integer.MAX_VALUE, Long.MAX_VALUE));
      return content;
    });
  }

  @Override
  public void close() {
    models.close();
  }
}
