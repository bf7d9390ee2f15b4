package io.salver.endpoint;

import java.util.Optional;

/**
 * Told of an endpoint's state values after they are kept, and of those that were kept before when
 * the server starts. Called by one thread at a time, in the order of the changes; must not block or
 * call back.
 */
@FunctionalInterface
public interface StateListener {
  /** Tells nobody. */
  StateListener NONE = (endpoint, kind, value) -> {};

  /**
   * A value has changed.
   *
   * @param value empty if it is gone
   */
  void changed(String endpoint, String kind, Optional<String> value);
}
