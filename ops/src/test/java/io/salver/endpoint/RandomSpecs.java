package io.salver.endpoint;

import io.salver.model.VersionSelector;
import io.salver.routing.EndpointSpec;
import io.salver.routing.Policy;
import io.salver.routing.Route;
import io.salver.routing.Sticky;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Endpoints of every kind. */
final class RandomSpecs {
  private RandomSpecs() {}

  static EndpointSpec next(String name, Random random) {
    Duration objective =
        random.nextBoolean()
            ? Duration.ZERO
            : Duration.ofNanos(random.nextLong(3_600_000_000_000L));
    Map<String, Object> defaults =
        random.nextBoolean()
            ? Map.of()
            : Map.of(
                "y",
                List.of(random.nextLong(), random.nextDouble(), "\u00e9\n\"\ud83d\ude00", true),
                "z",
                random.nextGaussian() * 1e300);
    Optional<Sticky> sticky =
        switch (random.nextInt(3)) {
          case 0 -> Optional.empty();
          case 1 -> Optional.of(new Sticky.Header("x-user"));
          default -> Optional.of(new Sticky.Input("user id"));
        };
    return new EndpointSpec(name, objective, defaults, sticky, policy(random, !defaults.isEmpty()));
  }

  private static Policy policy(Random random, boolean hasDefault) {
    return switch (random.nextInt(9)) {
      case 0 -> new Policy.Direct(route(0, random));
      case 1 -> split(random);
      case 2 -> canary(random);
      case 3 -> new Policy.Shadow(route(9, random), routes(1, random), 1 + random.nextInt(100));
      case 4 -> new Policy.Ab(routes(2, random));
      case 5 -> new Policy.BanditRoutes(Policy.Algorithm.THOMPSON, routes(2, random), List.of());
      case 6 ->
          new Policy.BanditRoutes(
              Policy.Algorithm.LINUCB, routes(2, random), List.of("age", "income"));
      case 7 -> ensemble(random, hasDefault);
      default -> new Policy.Cascade(routes(2, random), random.nextDouble());
    };
  }

  private static Policy split(Random random) {
    double share = random.nextInt(101);
    return new Policy.Split(
        List.of(route(0, random).withWeight(share), route(1, random).withWeight(100 - share)));
  }

  private static Policy canary(Random random) {
    return new Policy.Canary(
        route(0, random),
        route(1, random),
        List.of(0.5 + random.nextInt(10), 50.0),
        Duration.ofNanos(1 + random.nextLong(1_000_000_000_000L)),
        new Policy.CanaryLimits(
            random.nextDouble(),
            random.nextDouble(),
            random.nextBoolean() ? Optional.empty() : Optional.of(random.nextDouble())));
  }

  private static Policy ensemble(Random random, boolean hasDefault) {
    Policy.Combine combine = Policy.Combine.values()[random.nextInt(4)];
    List<Route> members = new ArrayList<>(routes(2, random));
    if (combine == Policy.Combine.WEIGHTED) {
      members.replaceAll(route -> route.withWeight(random.nextInt(100)));
    }
    Optional<Route> stack =
        combine == Policy.Combine.STACK ? Optional.of(route(8, random)) : Optional.empty();
    return new Policy.Ensemble(combine, members, hasDefault ? random.nextDouble() : 0, stack);
  }

  private static List<Route> routes(int least, Random random) {
    List<Route> routes = new ArrayList<>();
    for (int i = 0; i < least + random.nextInt(3); i++) {
      routes.add(route(i, random));
    }
    return routes;
  }

  private static Route route(int model, Random random) {
    return new Route(
        "m" + model,
        switch (random.nextInt(3)) {
          case 0 -> VersionSelector.LATEST;
          case 1 -> new VersionSelector.Exact(random.nextInt(10));
          default -> new VersionSelector.Labelled("stable");
        });
  }
}
