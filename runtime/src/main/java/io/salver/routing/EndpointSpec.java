package io.salver.routing;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an endpoint is: a public name in front of models. Immutable.
 *
 * @param name what stands where clients put the name of a model
 * @param objective within which it is to answer; zero if there is none
 * @param defaults what it answers when no model does, by the outputs' names: for each row of a
 *     request a number, a string, a boolean, or lists of those; empty if it then fails
 * @param sticky by what requests are told apart; empty if chance decides
 */
public record EndpointSpec(
    String name,
    Duration objective,
    Map<String, Object> defaults,
    Optional<Sticky> sticky,
    Policy policy) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");

  /**
   * An endpoint.
   *
   * @throws IllegalArgumentException if that cannot be, with the value and what is expected
   */
  public EndpointSpec {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "endpoint: \"" + name + "\" (expected: a name that matches " + NAME + ")");
    }
    if (objective.isNegative()) {
      throw new IllegalArgumentException(
          "objective of " + name + ": " + objective + " (expected: not negative)");
    }
    defaults = Map.copyOf(defaults);
    if (policy instanceof Policy.Ensemble ensemble
        && ensemble.minConfidence() > 0
        && defaults.isEmpty()) {
      throw new IllegalArgumentException(
          "min_confidence of "
              + name
              + ": "
              + ensemble.minConfidence()
              + ", without a default (expected: a default to answer with below it)");
    }
  }

  /** Whether it answers when no model does. */
  public boolean hasDefault() {
    return !defaults.isEmpty();
  }

  /** The same with another policy. */
  public EndpointSpec withPolicy(Policy other) {
    return new EndpointSpec(name, objective, defaults, sticky, other);
  }
}
