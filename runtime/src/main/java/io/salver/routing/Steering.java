package io.salver.routing;

import java.util.List;

/** What changes of an endpoint while it is in force, without being configured anew. */
public sealed interface Steering {
  /**
   * How its requests are shared out.
   *
   * @param shares one for each route in the policy's order, in percent; 100 together
   */
  record Shares(List<Double> shares) implements Steering {
    public Shares {
      shares = List.copyOf(shares);
      double sum = shares.stream().mapToDouble(Double::doubleValue).sum();
      if (Math.abs(sum - 100) > Policy.SHARE_TOLERANCE
          || shares.stream().anyMatch(share -> !(share >= 0))) {
        throw new IllegalArgumentException(
            "shares: " + shares + " (expected: none below 0, 100 together)");
      }
    }
  }

  /** What its bandit has learnt. */
  record Learnt(Bandit bandit) implements Steering {}

  /** What the members of its ensemble weigh. */
  record Weights(List<Double> weights) implements Steering {
    public Weights {
      weights = List.copyOf(weights);
    }
  }
}
