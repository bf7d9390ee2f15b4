package io.salver.endpoint;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * An endpoint as it is kept.
 *
 * @param definition by {@link EndpointJson}
 * @param declaration the definition in the configuration file from which it was last put, as a
 *     hash; empty if it never was
 * @param revision rises with every change of any endpoint
 * @param updated in milliseconds
 */
public record StoredEndpoint(
    String name, String definition, String declaration, long revision, Instant updated) {
  public StoredEndpoint {
    updated = updated.truncatedTo(ChronoUnit.MILLIS);
  }
}
