package io.salver.endpoint;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.salver.model.VersionSelector;
import io.salver.predict.ServingException;
import io.salver.routing.Route;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A route as JSON. Stateless. */
final class RouteJson {
  private static final int MAX_NAME_CHARS = 1_000;

  private RouteJson() {}

  /**
   * Reads a route.
   *
   * @param weighted whether it has to have a weight; if not it may have none, as it would mean
   *     nothing
   */
  static Route read(String place, JsonElement json, boolean weighted) {
    JsonMembers members = new JsonMembers(place, json);
    String model = bounded(members, "model", members.requiredString("model", "a model's name"));
    VersionSelector selector = selector(members);
    double weight =
        weighted
            ? JsonMembers.number(members.at("weight"), members.required("weight", "a share"))
            : 0;
    members.end();
    return members.made(() -> new Route(model, selector, weight));
  }

  private static VersionSelector selector(JsonMembers members) {
    OptionalLong version = members.integer("version");
    Optional<String> label = members.string("label");
    if (version.isPresent() && label.isPresent()) {
      throw ServingException.invalid(
          members.at("label")
              + ": \""
              + label.get()
              + "\" beside version "
              + version.getAsLong()
              + " (expected: one of them)");
    }
    if (version.isPresent()) {
      if (version.getAsLong() < 0) {
        throw ServingException.invalid(
            members.at("version") + ": " + version.getAsLong() + " (expected: >= 0)");
      }
      return new VersionSelector.Exact(version.getAsLong());
    }
    return label
        .<VersionSelector>map(name -> new VersionSelector.Labelled(bounded(members, "label", name)))
        .orElse(VersionSelector.LATEST);
  }

  private static String bounded(JsonMembers members, String key, String name) {
    if (name.isEmpty() || name.length() > MAX_NAME_CHARS) {
      throw ServingException.invalid(
          members.at(key)
              + ": "
              + name.length()
              + " characters (expected: from 1 to "
              + MAX_NAME_CHARS
              + ")");
    }
    return name;
  }

  static JsonArray write(List<Route> routes, boolean weighted) {
    JsonArray array = new JsonArray();
    routes.forEach(route -> array.add(write(route, weighted)));
    return array;
  }

  static JsonObject write(Route route) {
    return write(route, false);
  }

  private static JsonObject write(Route route, boolean weighted) {
    JsonObject json = new JsonObject();
    json.addProperty("model", route.model());
    switch (route.selector()) {
      case VersionSelector.Latest() -> {}
      case VersionSelector.Exact(long version) -> json.addProperty("version", version);
      case VersionSelector.Labelled(String label) -> json.addProperty("label", label);
    }
    if (weighted) {
      json.add("weight", EndpointJson.plain(route.weight()));
    }
    return json;
  }
}
