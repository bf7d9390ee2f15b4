package io.salver.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AbComparisonTest {
  private static final double ALPHA = 0.05;

  @Test
  void rarelySeesADifferenceThatIsNotThereHoweverOftenOneLooks() {
    int runs = 400;
    for (double rate : new double[] {0.02, 0.1, 0.5, 0.95}) {
      for (int routes : new int[] {2, 4}) {
        int wrong = 0;
        for (long seed = 0; seed < runs; seed++) {
          wrong += everDiffers(rate, routes, new SplittableRandom(seed)) ? 1 : 0;
        }
        assertThat((double) wrong / runs)
            .as("rate %s, %d routes", rate, routes)
            .isLessThanOrEqualTo(ALPHA);
      }
    }
  }

  private static boolean everDiffers(double rate, int routes, SplittableRandom random) {
    List<Rewards> rewards = new ArrayList<>(Collections.nCopies(routes, Rewards.NONE));
    boolean ever = false;
    for (int i = 0; i < 2_000; i++) {
      for (int route = 0; route < routes; route++) {
        double reward = random.nextDouble() < rate ? 1 : 0;
        rewards.set(route, rewards.get(route).plus(reward));
      }
      if (i % 5 == 0) {
        AbComparison comparison = AbComparison.of(rewards, ALPHA);
        for (AbComparison.Pair pair : comparison.pairs()) {
          ever |= pair.lower() > 0 || pair.upper() < 0;
          assertThat(pair.pValue() <= ALPHA)
              .isEqualTo(pair.lower() > 1e-12 || pair.upper() < -1e-12);
        }
      }
    }
    return ever;
  }

  @Test
  void findsTheBestRouteAndHoldsTheDifference() {
    for (long seed = 0; seed < 50; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<Rewards> rewards = new ArrayList<>(Collections.nCopies(3, Rewards.NONE));
      double[] means = {0.80, 0.86, 0.82};
      for (int i = 0; i < 30_000; i++) {
        int route = i % 3;
        double reward = random.nextDouble() < means[route] ? 1 : 0;
        rewards.set(route, rewards.get(route).plus(reward));
      }
      AbComparison comparison = AbComparison.of(rewards, ALPHA);
      assertThat(comparison.best()).as("seed %d", seed).hasValue(1);
      AbComparison.Pair pair = comparison.pairs().getFirst();
      assertThat(0.06).as("seed %d", seed).isBetween(pair.lower(), pair.upper());
      assertThat(pair.difference()).isCloseTo(0.06, within(0.02));
      assertThat(pair.pValue()).isLessThan(0.01);
    }
  }

  @Test
  void saysNothingOfFewRewards() {
    Rewards all = Rewards.NONE;
    for (int i = 0; i < AbComparison.MIN_REWARDS - 1; i++) {
      all = all.plus(1);
    }
    Rewards none = new Rewards(1_000, 0, 0);
    AbComparison few = AbComparison.of(List.of(none, all), ALPHA);
    assertThat(few.pairs()).containsExactly(new AbComparison.Pair(0, 1, 1, -1, 1, 1));
    assertThat(few.best()).isEmpty();
    assertThat(AbComparison.of(List.of(none, all.plus(1)), ALPHA).best()).hasValue(1);
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rewards.NONE.plus(1.5))
        .withMessage("reward: 1.5 (expected: 0 to 1)");
    assertThatIllegalArgumentException().isThrownBy(() -> Rewards.NONE.plus(Double.NaN));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Rewards(1, 2, 1))
        .withMessageContaining("rewards: 1 with the sum 2.0");
    assertThatIllegalArgumentException().isThrownBy(() -> new Rewards(-1, 0, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AbComparison.of(List.of(Rewards.NONE), ALPHA))
        .withMessage("routes: 1 (expected: >= 2)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AbComparison.of(List.of(Rewards.NONE, Rewards.NONE), 0))
        .withMessageContaining("alpha: 0.0");
  }
}
