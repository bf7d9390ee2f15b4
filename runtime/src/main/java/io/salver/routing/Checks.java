package io.salver.routing;

/** Checks of what comes with a choice or a reward. */
final class Checks {
  private Checks() {}

  static void reward(int arms, int arm, double probability, double reward) {
    if (arm < 0 || arm >= arms) {
      throw new IllegalArgumentException("arm: " + arm + " (expected: 0 to " + (arms - 1) + ")");
    }
    if (!(probability > 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "probability: " + probability + " (expected: above 0, at most 1)");
    }
    if (!(reward >= 0 && reward <= 1)) {
      throw new IllegalArgumentException("reward: " + reward + " (expected: 0 to 1)");
    }
  }

  static void context(int length, double[] context) {
    if (context.length != length) {
      throw new IllegalArgumentException(
          "context: " + context.length + " numbers (expected: " + length + ")");
    }
    for (int i = 0; i < length; i++) {
      if (!Double.isFinite(context[i])) {
        throw new IllegalArgumentException(
            "context[" + i + "]: " + context[i] + " (expected: a finite number)");
      }
    }
  }
}
