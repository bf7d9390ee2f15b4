package io.salver.cli.config;

import io.salver.routing.EndpointSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Endpoints from the start, and where they are kept.
 *
 * @param stateDirectory where endpoints, what they remember and the audit log outlive a restart;
 *     empty if they do not
 * @param declared the endpoints that the configuration file has
 */
public record EndpointsConfig(Optional<Path> stateDirectory, List<EndpointSpec> declared) {
  /** No endpoints, and nothing is kept. */
  public static final EndpointsConfig DEFAULT = new EndpointsConfig(Optional.empty(), List.of());

  public EndpointsConfig {
    declared = List.copyOf(declared);
  }
}
