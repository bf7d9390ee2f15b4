package io.salver.bench.bandits;

import io.salver.routing.Combiner;
import io.salver.routing.ExpertWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Ensembles of small trees on real data, against their best member. */
final class Ensembles {
  private static final int MEMBERS = 9;

  private Ensembles() {}

  /**
   * How often the answers are right.
   *
   * @param bestMember the member that is right most often, judged by the very rows that count: the
   *     hardest to beat
   */
  record Accuracy(
      String name, int rows, double bestMember, double mean, double majority, double weighted) {}

  static List<Accuracy> all(Path testData) throws IOException {
    Table adult = Table.adult(testData);
    return List.of(
        of("banana", Table.banana(testData), 2_000, 5, 1),
        of("image segments", Table.segments(testData), 1_000, 7, 4),
        of("adult", adult, 8_000, 8, 4));
  }

  private static Accuracy of(String name, Table table, int trainingRows, int depth, int features) {
    Table training = table.part(0, trainingRows);
    Table rest = table.part(trainingRows, table.rows().length);
    SplittableRandom random = new SplittableRandom(1);
    List<SmallModel> members = new ArrayList<>();
    double best = 0;
    for (int i = 0; i < MEMBERS; i++) {
      members.add(SmallModel.tree(training, depth, features, random));
      best = Math.max(best, accuracy(members.getLast()::scores, rest));
    }
    boolean[] arrived = new boolean[MEMBERS];
    Arrays.fill(arrived, true);
    int classes = table.classes();
    return new Accuracy(
        name,
        rest.rows().length,
        best,
        accuracy(row -> Combiner.mean(scores(members, row), arrived, 1, classes).scores(), rest),
        accuracy(
            row -> Combiner.majority(scores(members, row), arrived, 1, classes).scores(), rest),
        weighted(members, rest, arrived));
  }

  /** The weights learn from each label after the answer. */
  private static double weighted(List<SmallModel> members, Table table, boolean[] arrived) {
    ExpertWeights weights = ExpertWeights.create(members.size(), 0.01, 0.0001);
    double right = 0;
    for (int i = 0; i < table.rows().length; i++) {
      double[][] scores = scores(members, table.rows()[i]);
      double[] combined =
          Combiner.weighted(scores, arrived, weights.weights(), 1, table.classes()).scores();
      right += isRight(combined, table.labels()[i]) ? 1 : 0;
      double[] losses = new double[scores.length];
      for (int member = 0; member < losses.length; member++) {
        losses[member] = isRight(scores[member], table.labels()[i]) ? 0 : 1;
      }
      weights = weights.learn(losses);
    }
    return right / table.rows().length;
  }

  private static double[][] scores(List<SmallModel> members, double[] row) {
    return members.stream().map(member -> member.scores(row)).toArray(double[][]::new);
  }

  static double accuracy(Function<double[], double[]> scores, Table table) {
    double right = 0;
    for (int i = 0; i < table.rows().length; i++) {
      right += isRight(scores.apply(table.rows()[i]), table.labels()[i]) ? 1 : 0;
    }
    return right / table.rows().length;
  }

  private static boolean isRight(double[] scores, int label) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      best = scores[i] > scores[best] ? i : best;
    }
    return best == label;
  }
}
