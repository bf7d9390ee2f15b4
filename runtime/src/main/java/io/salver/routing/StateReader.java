package io.salver.routing;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Takes a kept state apart and believes nothing of it. */
final class StateReader {
  private final String algorithm;
  private final Map<String, List<Double>> left;

  StateReader(String algorithm, BanditState state) {
    if (!algorithm.equals(state.algorithm())) {
      throw new IllegalArgumentException(
          "state of " + state.algorithm() + " (expected: of " + algorithm + ")");
    }
    this.algorithm = algorithm;
    this.left = new HashMap<>(state.numbers());
  }

  /** The numbers of this name: so many, each within the bounds. */
  double[] vector(String name, int length, double min, double max) {
    List<Double> numbers = left.remove(name);
    if (numbers == null || numbers.size() != length) {
      throw new IllegalArgumentException(
          "state of "
              + algorithm
              + ": "
              + name
              + ": "
              + (numbers == null ? "absent" : numbers.size() + " numbers")
              + " (expected: "
              + length
              + ")");
    }
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = checked(name, i, numbers.get(i), min, max);
    }
    return values;
  }

  /** Numbers from 0 that sum to 1. */
  double[] distribution(String name, int length) {
    double[] values = vector(name, length, 0, 1);
    double sum = Arrays.stream(values).sum();
    if (Math.abs(sum - 1) > 1e-6) {
      throw new IllegalArgumentException(
          "state of " + algorithm + ": " + name + " sums to " + sum + " (expected: 1)");
    }
    return values;
  }

  /** Logarithms of weights, moved so that the largest is 0. */
  double[] logWeights(String name, int length) {
    double[] values = vector(name, length, LogWeights.MIN, 0);
    double max = Arrays.stream(values).max().orElse(0);
    for (int i = 0; i < length; i++) {
      values[i] -= max;
    }
    return values;
  }

  private double checked(String name, int index, double value, double min, double max) {
    if (!(value >= min && value <= max) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          "state of "
              + algorithm
              + ": "
              + name
              + "["
              + index
              + "]: "
              + value
              + " (expected: a finite number, "
              + min
              + " to "
              + max
              + ")");
    }
    return value;
  }

  void refuseOthers() {
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "state of "
              + algorithm
              + ": unknown numbers "
              + left.keySet().stream().sorted().toList());
    }
  }

  static List<Double> list(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }
}
