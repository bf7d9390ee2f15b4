package io.salver.server.admin;

import io.salver.endpoint.CanaryAction;
import io.salver.server.inference.PercentDecoder;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a path of the endpoints' API is for. */
sealed interface EndpointRoute {
  /** All endpoints. */
  record All() implements EndpointRoute {}

  /** One endpoint. */
  record One(String name) implements EndpointRoute {}

  /** What an endpoint's routes came to. */
  record Statistics(String name) implements EndpointRoute {}

  /** Feedback on an endpoint's predictions. */
  record Feedback(String name) implements EndpointRoute {}

  /** Something to be done to an endpoint's canary. */
  record Act(String name, CanaryAction action) implements EndpointRoute {}

  /** The audit log. */
  record Activity() implements EndpointRoute {}

  /** The path of all endpoints. */
  String ENDPOINTS = "/v1/endpoints";

  /** The path of the audit log. */
  String ACTIVITY = "/v1/activity";

  /** Which methods it takes. */
  default Set<String> methods() {
    return switch (this) {
      case All _, Statistics _, Activity _ -> Set.of("GET");
      case One _ -> Set.of("GET", "PUT", "DELETE");
      case Feedback _, Act _ -> Set.of("POST");
    };
  }

  /** The route of a path, or null if there is none. */
  static @Nullable EndpointRoute of(String path) {
    if (path.equals(ACTIVITY)) {
      return new Activity();
    }
    if (path.equals(ENDPOINTS)) {
      return new All();
    }
    if (!path.startsWith(ENDPOINTS + "/")) {
      return null;
    }
    // Parted before it is decoded, as by whoever checks what the caller may do.
    String rest = path.substring(ENDPOINTS.length() + 1);
    int slash = rest.indexOf('/');
    if (slash >= 0) {
      return rest.substring(slash).equals("/statistics")
          ? new Statistics(decoded(rest.substring(0, slash)))
          : null;
    }
    int colon = rest.indexOf(':');
    return colon < 0
        ? new One(decoded(rest))
        : action(decoded(rest.substring(0, colon)), rest.substring(colon + 1));
  }

  private static String decoded(String name) {
    return PercentDecoder.decode(name, false);
  }

  private static @Nullable EndpointRoute action(String name, String action) {
    if (action.equals("feedback")) {
      return new Feedback(name);
    }
    for (CanaryAction each : CanaryAction.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(action)) {
        return new Act(name, each);
      }
    }
    return null;
  }
}
