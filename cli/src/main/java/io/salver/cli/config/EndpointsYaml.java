package io.salver.cli.config;

import io.salver.endpoint.EndpointJson;
import io.salver.predict.ServingException;
import io.salver.routing.EndpointSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads endpoints, which are written as in the REST API. */
final class EndpointsYaml {
  private EndpointsYaml() {}

  static EndpointsConfig read(Section root) {
    return new EndpointsConfig(root.path("state_dir"), endpoints(root.list("endpoints")));
  }

  private static List<EndpointSpec> endpoints(List<?> elements) {
    List<EndpointSpec> endpoints = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < elements.size(); i++) {
      String place = "endpoints[" + i + "]";
      EndpointSpec spec = endpoint(place, elements.get(i));
      if (!names.add(spec.name())) {
        throw new ConfigException(
            place + ".name: " + spec.name() + " (expected: a name not used before)");
      }
      endpoints.add(spec);
    }
    return endpoints;
  }

  private static EndpointSpec endpoint(String place, Object value) {
    try {
      return EndpointJson.read(place, YamlTrees.json(place, value)).spec();
    } catch (ServingException e) {
      throw new ConfigException(e.getMessage());
    }
  }
}
