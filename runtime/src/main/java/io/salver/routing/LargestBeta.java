package io.salver.routing;

import java.util.Arrays;

/**
 * The chance of each of several Beta variables to be the largest: the integral of its density times
 * the others' distribution functions, by sums over a grid that covers where any of them lives.
 */
final class LargestBeta {
  private static final int CELLS = 256;
  private static final double DEVIATIONS = 6;

  /** Keeps the probability of every arm above 0, as no arm is impossible. */
  private static final double FLOOR = 1e-9;

  private LargestBeta() {}

  /**
   * @param successes of each variable beside the one of its prior, {@code [arms]}
   * @param failures likewise
   * @return {@code [arms]}, above 0, summing to 1; off by about a hundredth at most
   */
  static double[] probabilities(double[] successes, double[] failures) {
    int arms = successes.length;
    double low = 1;
    double high = 0;
    for (int arm = 0; arm < arms; arm++) {
      double total = successes[arm] + failures[arm] + 2;
      double mean = (successes[arm] + 1) / total;
      double reach = DEVIATIONS * Math.sqrt(mean * (1 - mean) / (total + 1));
      low = Math.min(low, mean - reach);
      high = Math.max(high, mean + reach);
    }
    low = Math.max(0, low);
    double width = (Math.min(1, high) - low) / CELLS;
    double[] logs = new double[CELLS];
    double[] logsOfRest = new double[CELLS];
    for (int cell = 0; cell < CELLS; cell++) {
      double x = low + (cell + 0.5) * width;
      logs[cell] = Math.log(x);
      logsOfRest[cell] = Math.log1p(-x);
    }
    double[][] mass = new double[arms][];
    double[] allBelow = new double[CELLS];
    Arrays.fill(allBelow, 1);
    double[][] below = new double[arms][CELLS];
    for (int arm = 0; arm < arms; arm++) {
      mass[arm] = mass(successes[arm], failures[arm], logs, logsOfRest);
      double sum = 0;
      for (int cell = 0; cell < CELLS; cell++) {
        // Half of the own cell counts as below, as it does on average.
        below[arm][cell] = Math.max(FLOOR, sum + mass[arm][cell] / 2);
        sum += mass[arm][cell];
        allBelow[cell] *= below[arm][cell];
      }
    }
    double[] result = new double[arms];
    double sum = 0;
    for (int arm = 0; arm < arms; arm++) {
      for (int cell = 0; cell < CELLS; cell++) {
        result[arm] += mass[arm][cell] * (allBelow[cell] / below[arm][cell]);
      }
      result[arm] = Math.max(FLOOR, result[arm]);
      sum += result[arm];
    }
    for (int arm = 0; arm < arms; arm++) {
      result[arm] /= sum;
    }
    return result;
  }

  private static double[] mass(
      double successes, double failures, double[] logs, double[] logsOfRest) {
    double[] mass = new double[CELLS];
    double max = Double.NEGATIVE_INFINITY;
    for (int cell = 0; cell < CELLS; cell++) {
      mass[cell] = successes * logs[cell] + failures * logsOfRest[cell];
      max = Math.max(max, mass[cell]);
    }
    double sum = 0;
    for (int cell = 0; cell < CELLS; cell++) {
      mass[cell] = Math.exp(mass[cell] - max);
      sum += mass[cell];
    }
    for (int cell = 0; cell < CELLS; cell++) {
      mass[cell] /= sum;
    }
    return mass;
  }
}
