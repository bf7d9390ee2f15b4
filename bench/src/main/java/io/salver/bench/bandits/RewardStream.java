package io.salver.bench.bandits;

import io.salver.routing.Bandit;
import io.salver.routing.Bandits;
import io.salver.routing.Choice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What each of several models would have earned with each request, 1 for a right answer; the model
 * that is best at first degrades half-way.
 *
 * @param name of the data
 * @param rewards {@code [requests][arms]}
 * @param contexts features for those who look at them, {@code [requests][features]}
 */
record RewardStream(String name, double[][] rewards, double[][] contexts) {
  /** Four arms that are right by chance; no features. */
  static RewardStream simulated(int requests, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] means = {0.55, 0.65, 0.75, 0.9};
    double[][] rewards = new double[requests][means.length];
    for (int t = 0; t < requests; t++) {
      for (int arm = 0; arm < means.length; arm++) {
        double mean = arm == 3 && t >= requests / 2 ? 0.3 : means[arm];
        rewards[t][arm] = random.nextDouble() < mean ? 1 : 0;
      }
    }
    return new RewardStream("simulated", rewards, new double[requests][0]);
  }

  /** All streams of real data. */
  static List<RewardStream> real(Path testData) throws IOException {
    return List.of(
        of("banana", Table.banana(testData), 800, 2),
        of("adult", Table.adult(testData), 6_000, 4),
        of("electricity", Table.electricity(testData), 4_000, 4));
  }

  /** Trains on the first rows and answers the others, in their order. */
  private static RewardStream of(String name, Table table, int trainingRows, int features) {
    Table training = table.part(0, trainingRows);
    Table.Scale scale = training.scale();
    Table scaled = training.scaled(scale);
    SplittableRandom random = new SplittableRandom(1);
    List<SmallModel> models =
        List.of(
            SmallModel.tree(scaled, 1, 1, random),
            SmallModel.naiveBayes(scaled),
            SmallModel.logistic(scaled, 10, random),
            SmallModel.tree(scaled, 8, table.rows()[0].length, random));
    Table rest = table.part(trainingRows, table.rows().length).scaled(scale);
    int requests = rest.rows().length;
    int best = best(models, rest.part(0, requests / 2));
    double[][] rewards = new double[requests][models.size()];
    double[][] contexts = new double[requests][features];
    for (int t = 0; t < requests; t++) {
      double[] row = rest.rows()[t];
      System.arraycopy(row, 0, contexts[t], 0, features);
      for (int arm = 0; arm < models.size(); arm++) {
        int answer = models.get(arm).answer(row);
        if (arm == best && t >= requests / 2) {
          // As if a new version of the best model had its classes in another order.
          answer = (answer + 1) % table.classes();
        }
        rewards[t][arm] = answer == rest.labels()[t] ? 1 : 0;
      }
    }
    return new RewardStream(name, rewards, contexts);
  }

  private static int best(List<SmallModel> models, Table table) {
    int best = 0;
    double most = -1;
    for (int i = 0; i < models.size(); i++) {
      double accuracy = Ensembles.accuracy(models.get(i)::scores, table);
      if (accuracy > most) {
        most = accuracy;
        best = i;
      }
    }
    return best;
  }

  int arms() {
    return rewards[0].length;
  }

  /** The arm that earns most from, to. */
  int bestArm(int from, int to) {
    double[] sums = new double[arms()];
    int best = 0;
    for (int t = from; t < to; t++) {
      for (int arm = 0; arm < sums.length; arm++) {
        sums[arm] += rewards[t][arm];
      }
    }
    for (int arm = 1; arm < sums.length; arm++) {
      best = sums[arm] > sums[best] ? arm : best;
    }
    return best;
  }

  /**
   * Plays a bandit.
   *
   * @param algorithm one of {@link Bandits}, or {@code random}
   * @return {@code [requests]}: how much less it has earned so far than the best arm of the first
   *     half did there and that of the second half did there
   */
  double[] regret(String algorithm, Map<String, Double> options, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean chance = algorithm.equals("random");
    Bandit bandit =
        Bandits.create(chance ? "exp3" : algorithm, arms(), contexts[0].length, options);
    int half = rewards.length / 2;
    int[] best = {bestArm(0, half), bestArm(half, rewards.length)};
    double[] regret = new double[rewards.length];
    double sum = 0;
    for (int t = 0; t < rewards.length; t++) {
      Choice choice = bandit.choose(contexts[t], random);
      int arm = chance ? random.nextInt(arms()) : choice.arm();
      sum += rewards[t][best[t < half ? 0 : 1]] - rewards[t][arm];
      regret[t] = sum;
      if (!chance) {
        bandit = bandit.learn(arm, choice.probability(), contexts[t], rewards[t][arm]);
      }
    }
    return regret;
  }

  /** The mean over seeds. */
  double[] meanRegret(String algorithm, Map<String, Double> options, int seeds) {
    double[] mean = new double[rewards.length];
    for (long seed = 0; seed < seeds; seed++) {
      double[] one = regret(algorithm, options, seed);
      for (int t = 0; t < mean.length; t++) {
        mean[t] += one[t] / seeds;
      }
    }
    return mean;
  }

  /** How often each arm is right before and after the half, in percent. */
  List<String> accuracies() {
    List<String> lines = new ArrayList<>();
    int half = rewards.length / 2;
    for (int arm = 0; arm < arms(); arm++) {
      double before = 0;
      double after = 0;
      for (int t = 0; t < rewards.length; t++) {
        before += t < half ? rewards[t][arm] / half : 0;
        after += t < half ? 0 : rewards[t][arm] / (rewards.length - half);
      }
      lines.add(String.format(Locale.ROOT, "%.1f / %.1f", 100 * before, 100 * after));
    }
    return lines;
  }
}
