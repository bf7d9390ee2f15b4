package io.salver.gate;

import java.util.List;
import java.util.Map;

/**
 * What a comparison came to.
 *
 * @param outcome pass, fail, or neither yet
 * @param reasons why, in words and numbers, one line for each check; those that decide first
 * @param statistics the numbers, by name, all finite
 */
public record Verdict(Outcome outcome, List<String> reasons, Map<String, Double> statistics) {
  /** Whether the new version is good enough. */
  public enum Outcome {
    /** Nothing is worse than allowed, and that is shown. */
    PASS,
    /** Something is worse, and that is shown. */
    FAIL,
    /** Neither is shown. */
    INCONCLUSIVE
  }

  public Verdict {
    reasons = List.copyOf(reasons);
    statistics = Map.copyOf(statistics);
  }

  static Verdict none() {
    return new Verdict(Outcome.INCONCLUSIVE, List.of("no requests yet"), Map.of());
  }
}
