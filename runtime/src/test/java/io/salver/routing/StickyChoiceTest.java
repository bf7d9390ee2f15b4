package io.salver.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class StickyChoiceTest {
  private static final int KEYS = 40_000;

  @Test
  void eachRouteGetsItsShareOfKeysAndOfRequests() {
    for (long seed = 0; seed < 20; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      double[] weights = weights(1 + random.nextInt(6), random);
      StickyChoice choice = StickyChoice.of("s" + seed, names(weights.length), weights);
      double sum = Arrays.stream(weights).sum();
      double[] ofKeys = new double[weights.length];
      double[] ofRequests = new double[weights.length];
      for (int i = 0; i < KEYS; i++) {
        ofKeys[choice.choose(StickyChoice.hash("user-" + i))] += 1.0 / KEYS;
        ofRequests[choice.choose(random)] += 1.0 / KEYS;
      }
      for (int i = 0; i < weights.length; i++) {
        assertThat(ofKeys[i]).as("seed %d", seed).isCloseTo(weights[i] / sum, within(0.012));
        assertThat(ofRequests[i]).as("seed %d", seed).isCloseTo(weights[i] / sum, within(0.012));
      }
    }
  }

  @Test
  void aKeyStaysWhereItIs() {
    StickyChoice one = StickyChoice.of("e", names(3), new double[] {50, 30, 20});
    StickyChoice same = StickyChoice.of("e", names(3), new double[] {5, 3, 2});
    List<String> turned = List.of("m2", "m1", "m0");
    StickyChoice inAnotherOrder = StickyChoice.of("e", turned, new double[] {20, 30, 50});
    for (int i = 0; i < 1_000; i++) {
      long key = StickyChoice.hash("user-" + i);
      assertThat(same.choose(key)).isEqualTo(one.choose(key));
      assertThat(inAnotherOrder.choose(key)).isEqualTo(2 - one.choose(key));
    }
  }

  @Test
  void withTwoRoutesOnlyTheShareMovesThatMust() {
    for (long seed = 0; seed < 20; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      double before = random.nextDouble();
      double after = random.nextDouble();
      StickyChoice from = StickyChoice.of("e", names(2), new double[] {before, 1 - before});
      StickyChoice to = StickyChoice.of("e", names(2), new double[] {after, 1 - after});
      int wrongWay = 0;
      double moved = 0;
      for (int i = 0; i < KEYS; i++) {
        long key = StickyChoice.hash("user-" + i);
        int was = from.choose(key);
        int is = to.choose(key);
        moved += was == is ? 0 : 1.0 / KEYS;
        wrongWay += was != is && is == (after > before ? 1 : 0) ? 1 : 0;
      }
      assertThat(wrongWay).as("seed %d", seed).isZero();
      assertThat(moved).as("seed %d", seed).isCloseTo(Math.abs(after - before), within(0.012));
    }
  }

  @Test
  void withMoreRoutesNoMoreMovesThanTheBound() {
    for (long seed = 0; seed < 30; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int routes = 3 + random.nextInt(4);
      double[] before = weights(routes, random);
      double[] after = weights(routes, random);
      StickyChoice from = StickyChoice.of("e", names(routes), before);
      StickyChoice to = StickyChoice.of("e", names(routes), after);
      double moved = 0;
      for (int i = 0; i < KEYS; i++) {
        long key = StickyChoice.hash("user-" + i);
        moved += from.choose(key) == to.choose(key) ? 0 : 1.0 / KEYS;
      }
      double distance = distance(before, after);
      assertThat(moved)
          .as("seed %d", seed)
          .isLessThanOrEqualTo(2 * distance / (1 + distance) + 0.012);
    }
  }

  @Test
  void keysOfARouteThatLeavesGoElsewhereAndNoOthersMove() {
    StickyChoice three = StickyChoice.of("e", names(3), new double[] {50, 30, 20});
    StickyChoice two = StickyChoice.of("e", names(2), new double[] {50, 30});
    for (int i = 0; i < 10_000; i++) {
      long key = StickyChoice.hash("user-" + i);
      if (three.choose(key) != 2) {
        assertThat(two.choose(key)).isEqualTo(three.choose(key));
      }
    }
  }

  @Test
  void splitsOfDifferentSaltsHaveNothingToDoWithEachOther() {
    double[] half = {1, 1};
    StickyChoice one = StickyChoice.of("one", names(2), half);
    StickyChoice other = StickyChoice.of("other", names(2), half);
    double same = 0;
    for (int i = 0; i < KEYS; i++) {
      long key = StickyChoice.hash("user-" + i);
      same += one.choose(key) == other.choose(key) ? 1.0 / KEYS : 0;
    }
    assertThat(same).isCloseTo(0.5, within(0.012));
  }

  @Test
  void aRouteOfWeightZeroIsNeverChosen() {
    StickyChoice choice = StickyChoice.of("e", names(3), new double[] {0, 1, 0});
    SplittableRandom random = new SplittableRandom(0);
    for (int i = 0; i < 10_000; i++) {
      assertThat(choice.choose(random.nextLong())).isEqualTo(1);
      assertThat(choice.choose(random)).isEqualTo(1);
    }
  }

  @Test
  void textHasTheHashOfItsBytes() {
    for (String key : List.of("", "a", "user-17", "Zoë", "日本", "x".repeat(1_000))) {
      byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
      assertThat(StickyChoice.hash(MemorySegment.ofArray(bytes))).isEqualTo(StickyChoice.hash(key));
    }
    assertThat(StickyChoice.hash("a")).isNotEqualTo(StickyChoice.hash("b"));
  }

  @Test
  void refusesWhatCannotBe() {
    refused("0 routes", () -> StickyChoice.of("e", List.of(), new double[0]));
    refused("2 routes, 1 weights", () -> StickyChoice.of("e", names(2), new double[1]));
    refused("all different", () -> StickyChoice.of("e", List.of("a", "a"), new double[] {1, 1}));
    refused("weight of m1: -1.0", () -> StickyChoice.of("e", names(2), new double[] {1, -1}));
    refused("weight of m0: NaN", () -> StickyChoice.of("e", names(1), new double[] {Double.NaN}));
    refused("sum of weights: 0.0", () -> StickyChoice.of("e", names(2), new double[2]));
    double[] huge = {Double.MAX_VALUE, Double.MAX_VALUE};
    refused("sum of weights: Infinity", () -> StickyChoice.of("e", names(2), huge));
  }

  private static double[] weights(int routes, SplittableRandom random) {
    return random.doubles(routes, 0.01, 1).toArray();
  }

  private static double distance(double[] one, double[] other) {
    double sumOfOne = Arrays.stream(one).sum();
    double sumOfOther = Arrays.stream(other).sum();
    double distance = 0;
    for (int i = 0; i < one.length; i++) {
      distance += Math.abs(one[i] / sumOfOne - other[i] / sumOfOther) / 2;
    }
    return distance;
  }

  private static List<String> names(int routes) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < routes; i++) {
      names.add("m" + i);
    }
    return names;
  }

  private static void refused(String message, ThrowingCallable call) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(message);
  }
}
