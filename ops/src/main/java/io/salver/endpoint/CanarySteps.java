package io.salver.endpoint;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.util.Optional;

/** What an action makes of a canary's state. Stateless, and does not block. */
@FunctionalInterface
public interface CanarySteps {
  /** Where nothing looks after canaries. */
  CanarySteps NONE =
      (action, endpoint, state) -> {
        throw new ServingException(
            Category.UNIMPLEMENTED, action.text() + ": this server steps no canaries");
      };

  /**
   * The state after an action.
   *
   * @param endpoint one whose policy is a canary
   * @param state as it is now; empty if the canary has not begun
   * @throws ServingException FAILED_PRECONDITION if the canary has ended
   */
  String apply(CanaryAction action, Endpoint endpoint, Optional<String> state);
}
