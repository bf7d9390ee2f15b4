package io.salver.routing;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Probabilities over a few choices. */
final class Simplex {
  private Simplex() {}

  static double[] uniform(int length) {
    double[] probabilities = new double[length];
    Arrays.fill(probabilities, 1.0 / length);
    return probabilities;
  }

  /** One of the indices, each with its probability. */
  static int draw(double[] probabilities, RandomGenerator random) {
    double left = random.nextDouble();
    int last = 0;
    for (int i = 0; i < probabilities.length; i++) {
      if (probabilities[i] > 0) {
        last = i;
        left -= probabilities[i];
        if (left < 0) {
          return i;
        }
      }
    }
    // Rounding may leave a little; it goes to the last one that may be chosen at all.
    return last;
  }

  /** The first index of the largest number. */
  static int argMax(double[] numbers) {
    int best = 0;
    for (int i = 1; i < numbers.length; i++) {
      if (numbers[i] > numbers[best]) {
        best = i;
      }
    }
    return best;
  }

  /** {@code average} moved towards {@code target} by {@code step}; a new array. */
  static double[] moved(double[] average, double[] target, double step) {
    double[] result = new double[average.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = average[i] + step * (target[i] - average[i]);
    }
    return result;
  }
}
