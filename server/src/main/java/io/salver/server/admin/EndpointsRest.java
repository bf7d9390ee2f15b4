package io.salver.server.admin;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.salver.endpoint.AuditEntry;
import io.salver.endpoint.CanaryAction;
import io.salver.endpoint.CanarySteps;
import io.salver.endpoint.Endpoint;
import io.salver.endpoint.EndpointJson;
import io.salver.endpoint.EndpointReport;
import io.salver.endpoint.Endpoints;
import io.salver.endpoint.FeedbackHandler;
import io.salver.endpoint.JsonTrees;
import io.salver.predict.ServingException;
import io.salver.server.http.HttpExchange;
import io.salver.server.http.HttpHandler;
import io.salver.server.inference.Failures;
import io.salver.server.inference.PercentDecoder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * The endpoints and the audit log over REST; docs/reference/endpoints.md says how. Thread-safe.
 *
 * <p>Predictions, {@code POST /v1/endpoints/E:predict}, are not its business.
 */
public final class EndpointsRest implements HttpHandler {
  private static final int MAX_ENTRIES = 1_000;
  private static final int ENTRIES = 100;
  private static final String PREDICT = ":predict";

  /**
   * What it works with.
   *
   * @param feedback takes what clients say of predictions
   * @param report what there is to say of endpoints while they run
   * @param steps what people's actions make of a canary
   */
  public record Parts(
      Endpoints endpoints, FeedbackHandler feedback, EndpointReport report, CanarySteps steps) {}

  private final Parts parts;
  private final Function<HttpExchange, String> actors;
  private final ControlWorkers workers;

  /**
   * The API.
   *
   * @param actors who makes a request, for the audit log; called on the exchange's loop
   */
  public EndpointsRest(Parts parts, Function<HttpExchange, String> actors, ControlWorkers workers) {
    this.parts = parts;
    this.actors = actors;
    this.workers = workers;
  }

  /** Whether a request for {@code path} is to be given to {@link #handle}. */
  public static boolean matches(String path) {
    return path.equals(EndpointRoute.ACTIVITY)
        || path.equals(EndpointRoute.ENDPOINTS)
        || (path.startsWith(EndpointRoute.ENDPOINTS + "/") && !path.endsWith(PREDICT));
  }

  @Override
  public long maxBodyBytes(String method, String path) {
    return JsonTrees.MAX_CHARS;
  }

  @Override
  public void handle(HttpExchange exchange) {
    try {
      EndpointRoute route = EndpointRoute.of(exchange.path());
      if (route == null) {
        ControlAnswer.error(404, "no such path: " + exchange.path()).send(exchange);
      } else if (!route.methods().contains(exchange.method())) {
        notAllowed(route, exchange);
      } else {
        handle(route, exchange);
      }
    } catch (RuntimeException e) {
      ControlAnswer.of(Failures.of(e)).send(exchange);
    }
  }

  private static void notAllowed(EndpointRoute route, HttpExchange exchange) {
    String allowed = String.join(", ", route.methods().stream().sorted().toList());
    ControlAnswer.error(405, "method: " + exchange.method() + " (expected: " + allowed + ")")
        .with("allow", allowed)
        .send(exchange);
  }

  private void handle(EndpointRoute route, HttpExchange exchange) {
    switch (route) {
      case EndpointRoute.All() -> workers.answer(exchange, this::all);
      case EndpointRoute.One(String name) -> one(name, exchange);
      case EndpointRoute.Statistics(String name) ->
          workers.answer(
              exchange,
              () -> ControlAnswer.of(parts.report.statistics(parts.endpoints.require(name))));
      case EndpointRoute.Feedback(String name) -> feedback(name, exchange);
      case EndpointRoute.Act(String name, CanaryAction action) -> {
        String actor = actors.apply(exchange);
        workers.answer(
            exchange, () -> answer(parts.endpoints.act(name, action, actor, parts.steps)));
      }
      case EndpointRoute.Activity() -> activity(exchange);
    }
  }

  private ControlAnswer all() {
    JsonArray endpoints = new JsonArray();
    parts.endpoints.list().forEach(endpoint -> endpoints.add(json(endpoint)));
    JsonObject json = new JsonObject();
    json.add("endpoints", endpoints);
    return ControlAnswer.of(json);
  }

  private JsonObject json(Endpoint endpoint) {
    JsonObject json = endpoint.json();
    parts.report.canary(endpoint).ifPresent(canary -> json.add("canary", canary));
    return json;
  }

  private ControlAnswer answer(Endpoint endpoint) {
    return ControlAnswer.of(json(endpoint)).with("etag", "\"" + endpoint.revision() + "\"");
  }

  private void one(String name, HttpExchange exchange) {
    String actor = actors.apply(exchange);
    switch (exchange.method()) {
      case "GET" -> workers.answer(exchange, () -> answer(parts.endpoints.require(name)));
      case "PUT" -> {
        Condition condition = Condition.of(exchange);
        String body = body(exchange);
        workers.answer(exchange, () -> condition.answer(() -> put(name, body, actor, condition)));
      }
      default -> {
        Condition condition = Condition.of(exchange);
        workers.answer(exchange, () -> condition.answer(() -> delete(name, actor, condition)));
      }
    }
  }

  private ControlAnswer put(String name, String body, String actor, Condition condition) {
    JsonObject json = JsonTrees.object(body);
    if (!json.has("name")) {
      json.addProperty("name", name);
    }
    EndpointJson.Definition definition = EndpointJson.read("", json);
    if (!definition.spec().name().equals(name)) {
      throw ServingException.invalid(
          "name: \""
              + definition.spec().name()
              + "\" (expected: that of the path, \""
              + name
              + "\")");
    }
    OptionalLong revision =
        condition.revision().isPresent() ? condition.revision() : definition.revision();
    return answer(parts.endpoints.put(definition.spec(), actor, revision));
  }

  private ControlAnswer delete(String name, String actor, Condition condition) {
    parts.endpoints.delete(name, actor, condition.revision());
    return ControlAnswer.of(new JsonObject());
  }

  private void feedback(String name, HttpExchange exchange) {
    String body = body(exchange);
    workers.answer(
        exchange,
        () -> {
          parts.feedback.accept(name, JsonTrees.object(body));
          return ControlAnswer.of(new JsonObject());
        });
  }

  private static String body(HttpExchange exchange) {
    return new String(exchange.body(), 0, exchange.bodyLength(), StandardCharsets.UTF_8);
  }

  private void activity(HttpExchange exchange) {
    long limit = parameter(exchange.query(), "limit", ENTRIES);
    long before = parameter(exchange.query(), "before", Long.MAX_VALUE);
    if (limit < 1 || limit > MAX_ENTRIES) {
      throw ServingException.invalid(
          "limit: " + limit + " (expected: from 1 to " + MAX_ENTRIES + ")");
    }
    workers.answer(
        exchange,
        () -> {
          JsonArray entries = new JsonArray();
          parts
              .endpoints
              .audit()
              .latest((int) limit, before)
              .forEach(each -> entries.add(json(each)));
          JsonObject json = new JsonObject();
          json.add("entries", entries);
          return ControlAnswer.of(json);
        });
  }

  private static JsonObject json(AuditEntry entry) {
    JsonObject json = new JsonObject();
    json.addProperty("id", entry.id());
    json.addProperty("time", entry.time().toString());
    json.addProperty("actor", entry.actor());
    json.addProperty("action", entry.action());
    json.addProperty("target", entry.target());
    json.addProperty("detail", entry.detail());
    json.addProperty("outcome", entry.outcome());
    return json;
  }

  private static long parameter(String query, String name, long otherwise) {
    for (String each : query.split("&", -1)) {
      if (each.startsWith(name + "=")) {
        String value = PercentDecoder.decode(each.substring(name.length() + 1), true);
        try {
          return Long.parseLong(value);
        } catch (NumberFormatException e) {
          throw ServingException.invalid(name + ": \"" + value + "\" (expected: an integer)");
        }
      }
    }
    return otherwise;
  }
}
