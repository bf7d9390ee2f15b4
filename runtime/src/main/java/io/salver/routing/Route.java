package io.salver.routing;

import io.salver.model.VersionSelector;

/**
 * One way that an endpoint's requests may take.
 *
 * @param model the model that answers; never another endpoint, so that no policy can loop
 * @param selector which of its versions, looked up anew for each request
 * @param weight the share of the requests in percent, where the policy has shares; else 0
 */
public record Route(String model, VersionSelector selector, double weight) {
  /** A route with a share. */
  public Route {
    if (model.isEmpty()) {
      throw new IllegalArgumentException("route: no model (expected: the name of a model)");
    }
    if (!(weight >= 0 && weight <= 100)) {
      throw new IllegalArgumentException(
          "weight of " + model + ": " + weight + " (expected: a share from 0 to 100)");
    }
  }

  /** A route where the policy has no shares. */
  public Route(String model, VersionSelector selector) {
    this(model, selector, 0);
  }

  /** The same with another share. */
  public Route withWeight(double share) {
    return new Route(model, selector, share);
  }

  /** As {@code m}, {@code m/3} or {@code m@stable}. */
  @Override
  public String toString() {
    return switch (selector) {
      case VersionSelector.Latest() -> model;
      case VersionSelector.Exact(long version) -> model + "/" + version;
      case VersionSelector.Labelled(String label) -> model + "@" + label;
    };
  }
}
