package io.salver.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Holds each algorithm against the plainest form of its formulas. */
class BanditOraclesTest {
  @Test
  void exp3IsWhatThePaperSays() {
    for (double share : new double[] {0, 0.01}) {
      for (long seed = 0; seed < 50; seed++) {
        SplittableRandom random = new SplittableRandom(seed);
        int arms = 2 + random.nextInt(5);
        double gamma = 0.05 + 0.5 * random.nextDouble();
        Bandit bandit =
            Bandits.create("exp3", arms, 0, Map.of("exploration", gamma, "share", share));
        double[] weights = new double[arms];
        Arrays.fill(weights, 1);
        for (int step = 0; step < 200; step++) {
          double sum = Arrays.stream(weights).sum();
          for (int arm = 0; arm < arms; arm++) {
            double expected = (1 - gamma) * weights[arm] / sum + gamma / arms;
            assertThat(bandit.weights()[arm]).as("seed %d", seed).isCloseTo(expected, within(1e-9));
          }
          Choice choice = bandit.choose(new double[0], random);
          double reward = random.nextDouble();
          weights[choice.arm()] *= Math.exp(gamma * reward / choice.probability() / arms);
          for (int arm = 0; arm < arms; arm++) {
            weights[arm] += Math.E * share / arms * sum;
          }
          bandit = bandit.learn(choice.arm(), choice.probability(), new double[0], reward);
        }
      }
    }
  }

  @Test
  void theWeightedRewardIsOnAverageTheReward() {
    for (long seed = 0; seed < 100; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      double gamma = 0.01 + 0.9 * random.nextDouble();
      Bandit bandit = Bandits.create("exp3", 3, 0, Map.of("exploration", gamma));
      bandit = BanditTest.played(bandit, 100, random);
      double[] p = bandit.weights();
      double[] rewards = {random.nextDouble(), random.nextDouble(), random.nextDouble()};
      for (int arm = 0; arm < 3; arm++) {
        double mean = p[arm] * Exp3.unbiased(rewards[arm], p[arm], gamma, 3);
        assertThat(mean).as("seed %d", seed).isCloseTo(rewards[arm], within(1e-12));
      }
    }
  }

  @Test
  void exp4IsWhatThePaperSays() {
    for (long seed = 0; seed < 50; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int arms = 2 + random.nextInt(3);
      int experts = 1 + random.nextInt(6);
      double gamma = 0.05 + 0.5 * random.nextDouble();
      Bandit bandit =
          Bandits.create(
              "exp4",
              arms,
              experts * arms,
              Map.of("exploration", gamma, "share", 0.0, "experts", (double) experts));
      double[] weights = new double[experts];
      Arrays.fill(weights, 1);
      for (int step = 0; step < 200; step++) {
        double[] advice = advice(experts, arms, random);
        double sum = Arrays.stream(weights).sum();
        Choice choice = bandit.choose(advice, random);
        double mixed = 0;
        for (int expert = 0; expert < experts; expert++) {
          mixed += weights[expert] / sum * advice[expert * arms + choice.arm()];
        }
        assertThat(choice.probability())
            .as("seed %d", seed)
            .isCloseTo((1 - gamma) * mixed + gamma / arms, within(1e-9));
        double reward = random.nextDouble();
        for (int expert = 0; expert < experts; expert++) {
          double estimate = advice[expert * arms + choice.arm()] * reward / choice.probability();
          weights[expert] *= Math.exp(gamma * estimate / arms);
        }
        bandit = bandit.learn(choice.arm(), choice.probability(), advice, reward);
      }
    }
  }

  private static double[] advice(int experts, int arms, SplittableRandom random) {
    double[] advice = new double[experts * arms];
    for (int expert = 0; expert < experts; expert++) {
      double sum = 0;
      for (int arm = 0; arm < arms; arm++) {
        advice[expert * arms + arm] = random.nextDouble();
        sum += advice[expert * arms + arm];
      }
      for (int arm = 0; arm < arms; arm++) {
        advice[expert * arms + arm] /= sum;
      }
    }
    return advice;
  }

  @Test
  void exp4FindsWhichArmIsGoodWhere() {
    for (long seed = 0; seed < 5; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      assertThat(goodWhere("exp4", random)).as("seed %d", seed).isGreaterThan(750);
      assertThat(goodWhere("linucb", random)).as("seed %d", seed).isGreaterThan(750);
      // Without a context nothing is better than half.
      assertThat(goodWhere("thompson", random)).as("seed %d", seed).isLessThan(600);
    }
  }

  private static int goodWhere(String algorithm, SplittableRandom random) {
    Bandit bandit = Bandits.create(algorithm, 2, 1, Map.of());
    int good = 0;
    for (int i = 0; i < 4_000; i++) {
      double[] context = {20 * random.nextDouble() / (algorithm.equals("linucb") ? 10 : 1)};
      int better = context[0] > (algorithm.equals("linucb") ? 1 : 10) ? 0 : 1;
      Choice choice = bandit.choose(context, random);
      double mean = choice.arm() == better ? 0.9 : 0.1;
      double reward = random.nextDouble() < mean ? 1 : 0;
      bandit = bandit.learn(choice.arm(), choice.probability(), context, reward);
      good += i >= 3_000 && choice.arm() == better ? 1 : 0;
    }
    return good;
  }

  @Test
  void theChanceOfTheLargestBetaIsThatOfManyDraws() {
    for (long seed = 0; seed < 12; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int arms = 1 + random.nextInt(4);
      double scale = Math.pow(10, random.nextInt(5));
      double[] successes = new double[arms];
      double[] failures = new double[arms];
      for (int arm = 0; arm < arms; arm++) {
        double mean = 0.5 + (random.nextDouble() - 0.5) / Math.sqrt(scale);
        successes[arm] = scale * mean;
        failures[arm] = scale * (1 - mean);
      }
      double[] drawn = new double[arms];
      for (int i = 0; i < 20_000; i++) {
        drawn[largest(successes, failures, random)] += 1 / 20_000.0;
      }
      double[] computed = LargestBeta.probabilities(successes, failures);
      for (int arm = 0; arm < arms; arm++) {
        assertThat(computed[arm]).as("seed %d", seed).isCloseTo(drawn[arm], within(0.02));
      }
    }
  }

  /** Draws by sums of exponential variables, rounding the counts. */
  private static int largest(double[] successes, double[] failures, SplittableRandom random) {
    double[] draws = new double[successes.length];
    for (int arm = 0; arm < draws.length; arm++) {
      double a = gamma(1 + successes[arm], random);
      draws[arm] = a / (a + gamma(1 + failures[arm], random));
    }
    return Simplex.argMax(draws);
  }

  private static double gamma(double shape, SplittableRandom random) {
    if (shape > 100) {
      // Wilson and Hilferty's approximation, good to a thousandth from here on.
      double c = 1 / (9 * shape);
      return shape * Math.pow(1 - c + random.nextGaussian() * Math.sqrt(c), 3);
    }
    double sum = 0;
    for (int i = 0; i < (int) shape; i++) {
      sum -= Math.log(1 - random.nextDouble());
    }
    double rest = shape - (int) shape;
    return rest > 0 ? sum + rest * -Math.log(1 - random.nextDouble()) : sum;
  }

  @Test
  void linUcbSolvesTheRidgeRegression() {
    for (double discount : new double[] {1, 0.9}) {
      for (long seed = 0; seed < 20; seed++) {
        SplittableRandom random = new SplittableRandom(seed);
        int length = 1 + random.nextInt(6);
        RidgeModel model = RidgeModel.empty(length);
        double[][] gram = new double[length][length];
        double[] response = new double[length];
        for (int step = 0; step < 30; step++) {
          double[] x = random.doubles(length, -1, 1).toArray();
          double reward = random.nextDouble();
          for (int i = 0; i < length; i++) {
            for (int j = 0; j < length; j++) {
              gram[i][j] = discount * gram[i][j] + x[i] * x[j];
            }
            response[i] = discount * response[i] + x[i] * reward;
          }
          model = model.learn(discount, x, reward);
        }
        double[] x = random.doubles(length, -1, 1).toArray();
        double[] theta = solved(gram, response);
        double[] z = solved(gram, x);
        assertThat(model.mean(x)).as("seed %d", seed).isCloseTo(dot(theta, x), within(1e-9));
        assertThat(model.deviation(x))
            .as("seed %d", seed)
            .isCloseTo(Math.sqrt(dot(z, x)), within(1e-9));
      }
    }
  }

  /** (gram + 1)^-1 right, by Gauss and Jordan. */
  private static double[] solved(double[][] gram, double[] right) {
    int n = right.length;
    double[][] a = new double[n][n + 1];
    for (int i = 0; i < n; i++) {
      System.arraycopy(gram[i], 0, a[i], 0, n);
      a[i][i] += 1;
      a[i][n] = right[i];
    }
    for (int c = 0; c < n; c++) {
      for (int i = 0; i < n; i++) {
        if (i != c) {
          double factor = a[i][c] / a[c][c];
          for (int j = 0; j <= n; j++) {
            a[i][j] -= factor * a[c][j];
          }
        }
      }
    }
    double[] solution = new double[n];
    for (int i = 0; i < n; i++) {
      solution[i] = a[i][n] / a[i][i];
    }
    return solution;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
