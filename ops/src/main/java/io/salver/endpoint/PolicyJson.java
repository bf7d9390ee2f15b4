package io.salver.endpoint;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.salver.predict.ServingException;
import io.salver.routing.Policy;
import io.salver.routing.Route;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A policy as JSON. Stateless. */
final class PolicyJson {
  private static final int MAX_STEPS = 100;
  private static final int MAX_FEATURES = 1_000;
  private static final Duration MAX_STEP = Duration.ofDays(31);
  private static final double SECOND = 1e9;

  private enum Type {
    DIRECT,
    SPLIT,
    CANARY,
    SHADOW,
    AB,
    BANDIT,
    ENSEMBLE,
    CASCADE
  }

  private PolicyJson() {}

  static Policy read(String place, JsonElement json) {
    JsonMembers members = new JsonMembers(place, json);
    Policy policy =
        switch (members.choice("type", Type.class)) {
          case DIRECT -> new Policy.Direct(route(members, "route"));
          case SPLIT -> split(members);
          case CANARY -> canary(members);
          case SHADOW -> shadow(members);
          case AB -> ab(members);
          case BANDIT -> bandit(members);
          case ENSEMBLE -> ensemble(members);
          case CASCADE -> cascade(members);
        };
    members.end();
    return policy;
  }

  private static Policy split(JsonMembers members) {
    List<Route> routes =
        members.list(
            "routes", Policy.MAX_ROUTES, (place, route) -> RouteJson.read(place, route, true));
    return members.made(() -> new Policy.Split(routes));
  }

  private static Policy canary(JsonMembers members) {
    Route baseline = route(members, "baseline");
    Route canary = route(members, "canary");
    List<Double> steps =
        members.get("steps") == null
            ? List.of(1.0, 5.0, 25.0, 50.0)
            : members.list("steps", MAX_STEPS, JsonMembers::number);
    Duration stepDuration = stepDuration(members);
    double errors = members.number("max_error_rate_increase", 0.01);
    double latency = members.number("max_latency_increase", 0.2);
    Optional<Double> difference = members.number("max_difference_rate");
    return members.made(() ->
        new Policy.Canary(
            baseline,
            canary,
            steps,
            stepDuration,
            new Policy.CanaryLimits(errors, latency, difference)));
  }

  private static Duration stepDuration(JsonMembers members) {
    double seconds = members.number("step_seconds", 60);
    if (!(seconds > 0 && seconds <= MAX_STEP.toSeconds())) {
      throw ServingException.invalid(
          members.at("step_seconds")
              + ": "
              + seconds
              + " (expected: seconds, above 0, at most "
              + MAX_STEP.toSeconds()
              + ")");
    }
    return Duration.ofNanos(Math.round(seconds * SECOND));
  }

  private static Policy shadow(JsonMembers members) {
    Route route = route(members, "route");
    List<Route> shadows = routes(members, "shadows");
    double percent = members.number("percent", 100);
    return members.made(() -> new Policy.Shadow(route, shadows, percent));
  }

  private static Policy ab(JsonMembers members) {
    List<Route> routes = routes(members, "routes");
    return members.made(() -> new Policy.Ab(routes));
  }

  private static Policy bandit(JsonMembers members) {
    Policy.Algorithm algorithm = members.choice("algorithm", Policy.Algorithm.class);
    List<Route> routes = routes(members, "routes");
    List<String> features =
        members.get("features") == null
            ? List.of()
            : members.list("features", MAX_FEATURES, JsonMembers::text);
    return members.made(() -> new Policy.BanditRoutes(algorithm, routes, features));
  }

  private static Policy ensemble(JsonMembers members) {
    Policy.Combine combine = members.choice("combine", Policy.Combine.class);
    boolean weighted = combine == Policy.Combine.WEIGHTED;
    List<Route> routes =
        members.list(
            "routes", Policy.MAX_ROUTES, (place, route) -> RouteJson.read(place, route, weighted));
    double minConfidence = members.number("min_confidence", 0);
    Optional<Route> stack =
        members.get("stack") == null ? Optional.empty() : Optional.of(route(members, "stack"));
    return members.made(() -> new Policy.Ensemble(combine, routes, minConfidence, stack));
  }

  private static Policy cascade(JsonMembers members) {
    List<Route> routes = routes(members, "routes");
    double minConfidence =
        JsonMembers.number(
            members.at("min_confidence"), members.required("min_confidence", "a number"));
    return members.made(() -> new Policy.Cascade(routes, minConfidence));
  }

  private static Route route(JsonMembers members, String key) {
    return RouteJson.read(members.at(key), members.required(key, "a route"), false);
  }

  private static List<Route> routes(JsonMembers members, String key) {
    return members.list(
        key, Policy.MAX_ROUTES, (place, route) -> RouteJson.read(place, route, false));
  }

  static JsonObject write(Policy policy) {
    JsonObject json = new JsonObject();
    json.addProperty("type", type(policy).name().toLowerCase(Locale.ROOT));
    switch (policy) {
      case Policy.Direct(Route route) -> json.add("route", RouteJson.write(route));
      case Policy.Split(List<Route> routes) -> json.add("routes", RouteJson.write(routes, true));
      case Policy.Canary canary -> write(canary, json);
      case Policy.Shadow(Route route, List<Route> shadows, double percent) -> {
        json.add("route", RouteJson.write(route));
        json.add("shadows", RouteJson.write(shadows, false));
        json.add("percent", EndpointJson.plain(percent));
      }
      case Policy.Ab(List<Route> routes) -> json.add("routes", RouteJson.write(routes, false));
      case Policy.BanditRoutes bandit -> write(bandit, json);
      case Policy.Ensemble ensemble -> write(ensemble, json);
      case Policy.Cascade(List<Route> routes, double minConfidence) -> {
        json.add("routes", RouteJson.write(routes, false));
        json.add("min_confidence", EndpointJson.plain(minConfidence));
      }
    }
    return json;
  }

  private static Type type(Policy policy) {
    return switch (policy) {
      case Policy.Direct _ -> Type.DIRECT;
      case Policy.Split _ -> Type.SPLIT;
      case Policy.Canary _ -> Type.CANARY;
      case Policy.Shadow _ -> Type.SHADOW;
      case Policy.Ab _ -> Type.AB;
      case Policy.BanditRoutes _ -> Type.BANDIT;
      case Policy.Ensemble _ -> Type.ENSEMBLE;
      case Policy.Cascade _ -> Type.CASCADE;
    };
  }

  private static void write(Policy.Canary canary, JsonObject json) {
    json.add("baseline", RouteJson.write(canary.baseline()));
    json.add("canary", RouteJson.write(canary.canary()));
    JsonArray steps = new JsonArray();
    canary.steps().forEach(step -> steps.add(EndpointJson.plain(step)));
    json.add("steps", steps);
    json.add("step_seconds", EndpointJson.plain(canary.stepDuration().toNanos() / SECOND));
    Policy.CanaryLimits limits = canary.limits();
    json.add("max_error_rate_increase", EndpointJson.plain(limits.maxErrorRateIncrease()));
    json.add("max_latency_increase", EndpointJson.plain(limits.maxLatencyIncrease()));
    limits
        .maxDifferenceRate()
        .ifPresent(rate -> json.add("max_difference_rate", EndpointJson.plain(rate)));
  }

  private static void write(Policy.BanditRoutes bandit, JsonObject json) {
    json.addProperty("algorithm", bandit.algorithm().name().toLowerCase(Locale.ROOT));
    json.add("routes", RouteJson.write(bandit.routes(), false));
    if (!bandit.features().isEmpty()) {
      JsonArray features = new JsonArray();
      bandit.features().forEach(features::add);
      json.add("features", features);
    }
  }

  private static void write(Policy.Ensemble ensemble, JsonObject json) {
    json.addProperty("combine", ensemble.combine().name().toLowerCase(Locale.ROOT));
    json.add(
        "routes",
        RouteJson.write(ensemble.members(), ensemble.combine() == Policy.Combine.WEIGHTED));
    json.add("min_confidence", EndpointJson.plain(ensemble.minConfidence()));
    ensemble.stack().ifPresent(stack -> json.add("stack", RouteJson.write(stack)));
  }
}
