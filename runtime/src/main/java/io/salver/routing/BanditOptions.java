package io.salver.routing;

import java.util.Map;
import java.util.TreeMap;

/** The options of an algorithm, each asked for once with its range. */
final class BanditOptions {
  private final String algorithm;
  private final Map<String, Double> left;

  BanditOptions(String algorithm, Map<String, Double> options) {
    this.algorithm = algorithm;
    this.left = new TreeMap<>(options);
  }

  double number(String name, double otherwise, double min, double max) {
    Double given = left.remove(name);
    double value = given == null ? otherwise : given;
    // Turned round, so that what is not a number is refused.
    if (!(value >= min && value <= max)) {
      throw new IllegalArgumentException(
          algorithm + ": " + name + ": " + value + " (expected: " + min + " to " + max + ")");
    }
    return value;
  }

  int count(String name, int otherwise, int max) {
    double value = number(name, otherwise, 0, max);
    if (value != Math.rint(value)) {
      throw new IllegalArgumentException(
          algorithm + ": " + name + ": " + value + " (expected: a whole number)");
    }
    return (int) value;
  }

  /** What nobody asked for does not exist. */
  void refuseOthers() {
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(algorithm + ": unknown options " + left.keySet());
    }
  }
}
