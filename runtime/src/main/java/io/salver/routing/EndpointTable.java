package io.salver.routing;

import java.util.Collection;

/** Where the endpoints that are in force are put. Thread-safe. */
public interface EndpointTable {
  /**
   * From now on exactly these endpoints are there. Requests that have begun go on as they began;
   * what an endpoint that stays has counted stays too.
   */
  void publish(Collection<EndpointSpec> endpoints);
}
