package io.salver.endpoint;

import java.util.Optional;

/** Makes a state value of the one before. Must not block. */
@FunctionalInterface
public interface StateChange {
  /**
   * The value that is to be kept; empty for none.
   *
   * @param endpoint as it is now
   * @param value as it is now; empty if there is none
   * @throws io.salver.predict.ServingException if that cannot be, and nothing is changed
   */
  Optional<String> apply(Endpoint endpoint, Optional<String> value);
}
