package io.salver.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What holds for every bandit. */
class BanditTest {
  static final List<String> ALGORITHMS = Bandits.ALGORITHMS;

  private static final double[] MEANS = {0.3, 0.8, 0.5};

  @ParameterizedTest
  @FieldSource("ALGORITHMS")
  void findsTheBestArm(String algorithm) {
    for (long seed = 0; seed < 5; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Bandit bandit = played(fresh(algorithm), 3_000, random);
      int best = 0;
      for (int i = 0; i < 1_000; i++) {
        best += bandit.choose(context(random), random).arm() == 1 ? 1 : 0;
      }
      assertThat(best).as("seed %d", seed).isGreaterThan(700);
      assertThat(Simplex.argMax(bandit.weights())).as("seed %d", seed).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @FieldSource("ALGORITHMS")
  void weightsAreADistributionAndEveryChoiceHasAChance(String algorithm) {
    for (long seed = 0; seed < 20; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Bandit bandit = fresh(algorithm);
      for (int i = 0; i < 300; i++) {
        double[] context = context(random);
        Choice choice = bandit.choose(context, random);
        assertThat(choice.probability())
            .as("seed %d", seed)
            .isGreaterThan(0)
            .isLessThanOrEqualTo(1);
        assertThat(Arrays.stream(bandit.weights()).sum()).isCloseTo(1, within(1e-9));
        assertThat(bandit.weights()).hasSize(3).doesNotContain(Double.NaN);
        bandit = bandit.learn(choice.arm(), choice.probability(), context, random.nextDouble());
      }
    }
  }

  @ParameterizedTest
  @FieldSource("ALGORITHMS")
  void theProbabilityOfAChoiceIsHowOftenItIsMade(String algorithm) {
    SplittableRandom random = new SplittableRandom(7);
    Bandit bandit = played(fresh(algorithm), 40, random);
    double[] context = {0.3, -0.2};
    double[] claimed = new double[3];
    int[] made = new int[3];
    for (int i = 0; i < 100_000; i++) {
      Choice choice = bandit.choose(context, random);
      claimed[choice.arm()] = choice.probability();
      made[choice.arm()]++;
    }
    for (int arm = 0; arm < 3; arm++) {
      assertThat(made[arm] / 100_000.0).as("arm %d", arm).isCloseTo(claimed[arm], within(0.015));
    }
  }

  @ParameterizedTest
  @FieldSource("ALGORITHMS")
  void learningChangesNothingButTheAnswer(String algorithm) {
    Bandit before = played(fresh(algorithm), 50, new SplittableRandom(1));
    BanditState state = before.state();
    Bandit after = before.learn(0, 0.5, new double[] {1, 2}, 1);
    assertThat(before.state()).isEqualTo(state);
    assertThat(after.state()).isNotEqualTo(state);
  }

  @ParameterizedTest
  @FieldSource("ALGORITHMS")
  void goesOnAsBeforeFromItsState(String algorithm) {
    for (int rewards : new int[] {0, 50, 500}) {
      Bandit bandit = played(fresh(algorithm), rewards, new SplittableRandom(3));
      Bandit restored = Bandits.restore(algorithm, 3, 2, Map.of(), bandit.state());
      assertThat(restored.state()).isEqualTo(bandit.state());
      Bandit one = played(bandit, 100, new SplittableRandom(4));
      Bandit other = played(restored, 100, new SplittableRandom(4));
      assertThat(other.state()).isEqualTo(one.state());
    }
  }

  @ParameterizedTest
  @FieldSource("ALGORITHMS")
  void rewardsMayBeLateAndInAnyOrder(String algorithm) {
    SplittableRandom random = new SplittableRandom(11);
    Bandit bandit = fresh(algorithm);
    for (int batch = 0; batch < 40; batch++) {
      double[][] contexts = new double[100][];
      Choice[] choices = new Choice[100];
      for (int i = 0; i < 100; i++) {
        contexts[i] = context(random);
        choices[i] = bandit.choose(contexts[i], random);
      }
      for (int i = 99; i >= 0; i--) {
        bandit =
            bandit.learn(
                choices[i].arm(),
                choices[i].probability(),
                contexts[i],
                reward(choices[i].arm(), random));
      }
    }
    assertThat(Simplex.argMax(bandit.weights())).isEqualTo(1);
  }

  @ParameterizedTest
  @FieldSource("ALGORITHMS")
  void leavesAnArmThatDegrades(String algorithm) {
    for (long seed = 0; seed < 5; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Bandit bandit = played(fresh(algorithm), 3_000, random);
      int best = 0;
      for (int i = 0; i < 6_000; i++) {
        double[] context = context(random);
        Choice choice = bandit.choose(context, random);
        // The second arm, so far the best, fails from now on.
        double reward = choice.arm() == 1 ? 0 : reward(choice.arm(), random);
        bandit = bandit.learn(choice.arm(), choice.probability(), context, reward);
        best += i >= 5_000 && choice.arm() == 2 ? 1 : 0;
      }
      assertThat(best).as("seed %d", seed).isGreaterThan(600);
    }
  }

  @ParameterizedTest
  @FieldSource("ALGORITHMS")
  void aSingleArmIsChosen(String algorithm) {
    Bandit bandit = Bandits.create(algorithm, 1, 0, Map.of());
    SplittableRandom random = new SplittableRandom(0);
    for (int i = 0; i < 200; i++) {
      Choice choice = bandit.choose(new double[0], random);
      assertThat(choice.arm()).isZero();
      assertThat(choice.probability()).isCloseTo(1, within(1e-9));
      bandit = bandit.learn(0, choice.probability(), new double[0], 1);
    }
  }

  @ParameterizedTest
  @FieldSource("ALGORITHMS")
  void staysFiniteOverManyRewards(String algorithm) {
    Bandit bandit = Bandits.create(algorithm, 2, 0, Map.of());
    for (int i = 0; i < 50_000; i++) {
      bandit = bandit.learn(0, 0.1, new double[0], 1);
    }
    assertThat(bandit.weights()[0]).isBetween(0.5, 1.0);
    assertThat(bandit.state().numbers().values())
        .allSatisfy(list -> assertThat(list).allMatch(Double::isFinite));
  }

  @ParameterizedTest
  @FieldSource("ALGORITHMS")
  void refusesWhatCannotBe(String algorithm) {
    Bandit bandit = fresh(algorithm);
    double[] context = {0, 0};
    refused("arm: 3 (expected: 0 to 2)", () -> bandit.learn(3, 0.5, context, 1));
    refused("arm: -1", () -> bandit.learn(-1, 0.5, context, 1));
    refused("probability: 0.0", () -> bandit.learn(0, 0, context, 1));
    refused("probability: NaN", () -> bandit.learn(0, Double.NaN, context, 1));
    refused("probability: 1.5", () -> bandit.learn(0, 1.5, context, 1));
    refused("reward: NaN", () -> bandit.learn(0, 0.5, context, Double.NaN));
    refused("reward: 1.1 (expected: 0 to 1)", () -> bandit.learn(0, 0.5, context, 1.1));
    refused("reward: -1.0", () -> bandit.learn(0, 0.5, context, -1));
    refused("arms: 0", () -> Bandits.create(algorithm, 0, 0, Map.of()));
    refused("arms: 101", () -> Bandits.create(algorithm, 101, 0, Map.of()));
    refused("context: -1", () -> Bandits.create(algorithm, 2, -1, Map.of()));
    refused("unknown options [no]", () -> Bandits.create(algorithm, 2, 0, Map.of("no", 1.0)));
  }

  @ParameterizedTest
  @FieldSource("ALGORITHMS")
  void refusesAStateThatIsNotItsOwn(String algorithm) {
    BanditState state = played(fresh(algorithm), 50, new SplittableRandom(1)).state();
    refused("expected: ", () -> Bandits.restore(algorithm, 4, 2, Map.of(), state));
    refused(
        "state of other",
        () -> Bandits.restore(algorithm, 3, 2, Map.of(), new BanditState("other", Map.of())));
    refused(
        "absent",
        () -> Bandits.restore(algorithm, 3, 2, Map.of(), new BanditState(algorithm, Map.of())));
    for (String name : state.numbers().keySet()) {
      for (double broken :
          new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1e300, Double.MAX_VALUE}) {
        Map<String, List<Double>> numbers = new HashMap<>(state.numbers());
        List<Double> changed = new ArrayList<>(numbers.get(name));
        changed.set(0, broken);
        numbers.put(name, changed);
        boolean anyFinite = name.equals("sums") && Double.isFinite(broken);
        if (!anyFinite) {
          refused(
              algorithm,
              () ->
                  Bandits.restore(algorithm, 3, 2, Map.of(), new BanditState(algorithm, numbers)));
        }
      }
    }
    Map<String, List<Double>> more = new HashMap<>(state.numbers());
    more.put("more", List.of(1.0));
    refused(
        "unknown numbers [more]",
        () -> Bandits.restore(algorithm, 3, 2, Map.of(), new BanditState(algorithm, more)));
  }

  @Test
  void refusesOptionsOutOfRange() {
    refused("exploration: 2.0", () -> Bandits.create("exp3", 2, 0, Map.of("exploration", 2.0)));
    refused("share: -1.0", () -> Bandits.create("exp4", 2, 0, Map.of("share", -1.0)));
    refused(
        "discount: NaN", () -> Bandits.create("thompson", 2, 0, Map.of("discount", Double.NaN)));
    refused("alpha: -0.5", () -> Bandits.create("linucb", 2, 0, Map.of("alpha", -0.5)));
    refused("whole number", () -> Bandits.create("exp4", 2, 3, Map.of("experts", 1.5)));
    refused("context: 3", () -> Bandits.create("exp4", 2, 3, Map.of("experts", 2.0)));
    refused("experts", () -> Bandits.create("exp4", 100, 10, Map.of()));
    refused("features", () -> Bandits.create("linucb", 2, 65, Map.of()));
    refused("algorithm: greedy", () -> Bandits.create("greedy", 2, 0, Map.of()));
  }

  @Test
  void contextsAreChecked() {
    for (String algorithm : List.of("exp4", "linucb")) {
      Bandit bandit = fresh(algorithm);
      SplittableRandom random = new SplittableRandom(0);
      refused("context: 1 numbers (expected: 2)", () -> bandit.choose(new double[1], random));
      refused("context[1]: NaN", () -> bandit.choose(new double[] {0, Double.NaN}, random));
      refused("context: 0", () -> bandit.learn(0, 0.5, new double[0], 1));
    }
    Bandit advised = Bandits.create("exp4", 2, 4, Map.of("experts", 2.0));
    refused(
        "advice of expert 1 for arm 0: -1.0",
        () -> advised.choose(new double[] {1, 0, -1, 2}, new SplittableRandom(0)));
  }

  static Bandit played(Bandit bandit, int rewards, SplittableRandom random) {
    Bandit now = bandit;
    for (int i = 0; i < rewards; i++) {
      double[] context = context(random);
      Choice choice = now.choose(context, random);
      now = now.learn(choice.arm(), choice.probability(), context, reward(choice.arm(), random));
    }
    return now;
  }

  private static Bandit fresh(String algorithm) {
    return Bandits.create(algorithm, 3, 2, Map.of());
  }

  private static double[] context(SplittableRandom random) {
    return new double[] {random.nextDouble() - 0.5, random.nextDouble() - 0.5};
  }

  private static double reward(int arm, SplittableRandom random) {
    return random.nextDouble() < MEANS[arm] ? 1 : 0;
  }

  private static void refused(String message, ThrowingCallable call) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(message);
  }
}
