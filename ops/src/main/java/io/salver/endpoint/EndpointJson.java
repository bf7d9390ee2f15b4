package io.salver.endpoint;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.salver.predict.ServingException;
import io.salver.routing.EndpointSpec;
import io.salver.routing.Policy;
import io.salver.routing.Sticky;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * An endpoint's definition as JSON; docs/reference/endpoints.md lists the keys. Stateless.
 *
 * <p>What is written is read back as an equal value, and equal values are written as equal texts.
 */
public final class EndpointJson {
  /** How many outputs may have a default. */
  private static final int MAX_DEFAULTS = 64;

  private static final Duration MAX_OBJECTIVE = Duration.ofHours(1);

  /** Milliseconds and seconds in nanoseconds. */
  private static final double MS = 1e6;

  private EndpointJson() {}

  /**
   * A definition as it was asked for.
   *
   * @param revision the one that it is to replace; empty if any
   */
  public record Definition(EndpointSpec spec, OptionalLong revision) {}

  /**
   * Reads a definition. The keys {@code updated} and {@code canary}, which answers have, are passed
   * over, so that an answer can be changed and sent back.
   *
   * @param place where it is in its document, for messages; empty if it is the document
   * @throws ServingException INVALID_ARGUMENT with the place, the value and the expectation
   */
  public static Definition read(String place, JsonElement json) {
    JsonMembers members = new JsonMembers(place, json);
    String name = members.requiredString("name", "a name");
    Duration objective = objective(members);
    Map<String, Object> defaults = defaults(members);
    Optional<Sticky> sticky =
        Optional.ofNullable(members.get("sticky"))
            .map(value -> sticky(members.at("sticky"), value));
    Policy policy = PolicyJson.read(members.at("policy"), members.required("policy", "an object"));
    OptionalLong revision = members.integer("revision");
    members.get("updated");
    members.get("canary");
    members.end();
    return new Definition(
        members.made(() -> new EndpointSpec(name, objective, defaults, sticky, policy)), revision);
  }

  private static Duration objective(JsonMembers members) {
    double ms = members.number("objective_ms", 0);
    if (!(ms >= 0 && ms <= MAX_OBJECTIVE.toMillis())) {
      throw ServingException.invalid(
          members.at("objective_ms")
              + ": "
              + ms
              + " (expected: milliseconds, from 0 to "
              + MAX_OBJECTIVE.toMillis()
              + ")");
    }
    return Duration.ofNanos(Math.round(ms * MS));
  }

  private static Sticky sticky(String place, JsonElement json) {
    JsonMembers members = new JsonMembers(place, json);
    Optional<String> header = members.string("header");
    Optional<String> input = members.string("input");
    members.end();
    boolean one = header.isPresent() != input.isPresent();
    if (!one || header.or(() -> input).filter(String::isEmpty).isPresent()) {
      throw JsonMembers.wrong(place, json, "{\"header\": NAME} or {\"input\": NAME}");
    }
    return header
        .<Sticky>map(name -> new Sticky.Header(name.toLowerCase(Locale.ROOT)))
        .orElseGet(() -> new Sticky.Input(input.orElseThrow()));
  }

  private static Map<String, Object> defaults(JsonMembers members) {
    JsonElement json = members.get("default");
    if (json == null) {
      return Map.of();
    }
    String place = members.at("default");
    if (!(json instanceof JsonObject outputs)
        || outputs.isEmpty()
        || outputs.size() > MAX_DEFAULTS) {
      throw JsonMembers.wrong(
          place, json, "an object of outputs and their values, from 1 to " + MAX_DEFAULTS);
    }
    Map<String, Object> defaults = new LinkedHashMap<>();
    for (String output : outputs.keySet()) {
      defaults.put(output, value(place + "." + output, outputs.get(output)));
    }
    return defaults;
  }

  /** A number as a Long where it is an integer, else as a Double; a string; a boolean; a list. */
  private static Object value(String place, JsonElement json) {
    if (json instanceof JsonArray array) {
      List<Object> values = new ArrayList<>(array.size());
      for (int i = 0; i < array.size(); i++) {
        values.add(value(place + "[" + i + "]", array.get(i)));
      }
      return List.copyOf(values);
    }
    if (json instanceof JsonPrimitive primitive) {
      if (primitive.isBoolean()) {
        return primitive.getAsBoolean();
      }
      return primitive.isString() ? primitive.getAsString() : number(place, primitive);
    }
    throw JsonMembers.wrong(place, json, "a number, a string, a boolean, or lists of those");
  }

  private static Object number(String place, JsonPrimitive number) {
    try {
      return Long.parseLong(number.getAsString());
    } catch (NumberFormatException e) {
      return JsonMembers.number(place, number);
    }
  }

  /** Writes a definition. */
  public static JsonObject write(EndpointSpec spec) {
    JsonObject json = new JsonObject();
    json.addProperty("name", spec.name());
    if (!spec.objective().isZero()) {
      json.add("objective_ms", plain(spec.objective().toNanos() / MS));
    }
    if (spec.hasDefault()) {
      JsonObject defaults = new JsonObject();
      new TreeMap<>(spec.defaults())
          .forEach((output, value) -> defaults.add(output, element(value)));
      json.add("default", defaults);
    }
    spec.sticky().ifPresent(sticky -> json.add("sticky", write(sticky)));
    json.add("policy", PolicyJson.write(spec.policy()));
    return json;
  }

  private static JsonObject write(Sticky sticky) {
    JsonObject json = new JsonObject();
    switch (sticky) {
      case Sticky.Header(String name) -> json.addProperty("header", name);
      case Sticky.Input(String name) -> json.addProperty("input", name);
    }
    return json;
  }

  private static JsonElement element(Object value) {
    return switch (value) {
      case Boolean bool -> new JsonPrimitive(bool);
      case Number number -> new JsonPrimitive(number);
      case String text -> new JsonPrimitive(text);
      case List<?> values -> {
        JsonArray array = new JsonArray();
        values.forEach(each -> array.add(element(each)));
        yield array;
      }
      default ->
          throw new IllegalArgumentException(
              "default: " + value + " (expected: a number, a string, a boolean, or lists)");
    };
  }

  /** A number without a fraction where it has none. */
  static JsonPrimitive plain(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1L << 53
        ? new JsonPrimitive((long) number)
        : new JsonPrimitive(number);
  }
}
