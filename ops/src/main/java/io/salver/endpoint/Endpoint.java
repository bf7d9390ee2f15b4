package io.salver.endpoint;

import com.google.gson.JsonObject;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.routing.EndpointSpec;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * An endpoint that is in force. Immutable.
 *
 * @param declaration the definition in the configuration file from which it was last put, as a
 *     hash; empty if it never was
 * @param revision rises with every change of any endpoint's definition
 * @param updated when its definition was last put
 * @param states what its policy has to remember, by kind
 */
public record Endpoint(
    EndpointSpec spec,
    String declaration,
    long revision,
    Instant updated,
    Map<String, String> states) {
  public Endpoint {
    states = Map.copyOf(states);
  }

  static Endpoint of(StoredEndpoint stored, Map<String, String> states) {
    try {
      EndpointSpec spec = EndpointJson.read("", JsonTrees.object(stored.definition())).spec();
      return new Endpoint(spec, stored.declaration(), stored.revision(), stored.updated(), states);
    } catch (ServingException e) {
      throw new ServingException(
          Category.FAILED_PRECONDITION,
          "endpoint " + stored.name() + " in the state store: " + e.getMessage(),
          e);
    }
  }

  StoredEndpoint stored() {
    return new StoredEndpoint(
        name(), EndpointJson.write(spec).toString(), declaration, revision, updated);
  }

  /** Its public name. */
  public String name() {
    return spec.name();
  }

  /** A state value. */
  public Optional<String> state(String kind) {
    return Optional.ofNullable(states.get(kind));
  }

  /** Its definition, revision and time. */
  public JsonObject json() {
    JsonObject json = EndpointJson.write(spec);
    json.addProperty("revision", revision);
    json.addProperty("updated", updated.toString());
    return json;
  }
}
