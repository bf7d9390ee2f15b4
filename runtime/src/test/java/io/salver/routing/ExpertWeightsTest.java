package io.salver.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ExpertWeightsTest {
  @Test
  void losesLittleMoreThanTheBestMember() {
    int rounds = 2_000;
    for (long seed = 0; seed < 30; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int members = 2 + random.nextInt(8);
      ExpertWeights weights =
          ExpertWeights.create(members, Math.sqrt(8 * Math.log(members) / rounds), 0);
      double[] lost = new double[members];
      double together = 0;
      for (int round = 0; round < rounds; round++) {
        double[] losses = random.doubles(members).toArray();
        // The member that is best so far is hurt: nothing that a fixed choice survives.
        losses[Simplex.argMax(weights.weights())] = 1;
        for (int i = 0; i < members; i++) {
          together += weights.weights()[i] * losses[i];
          lost[i] += losses[i];
        }
        weights = weights.learn(losses);
      }
      double bound = Math.sqrt(rounds / 2.0 * Math.log(members));
      assertThat(together - Arrays.stream(lost).min().orElseThrow())
          .as("seed %d", seed)
          .isLessThanOrEqualTo(bound);
    }
  }

  @Test
  void isThePlainProductOfFactors() {
    for (long seed = 0; seed < 30; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      ExpertWeights weights = ExpertWeights.create(3, 0.2, 0);
      double[] plain = {1, 1, 1};
      for (int round = 0; round < 100; round++) {
        double[] losses = random.doubles(3).toArray();
        for (int i = 0; i < 3; i++) {
          plain[i] *= Math.exp(-0.2 * losses[i]);
        }
        weights = weights.learn(losses);
        double sum = Arrays.stream(plain).sum();
        for (int i = 0; i < 3; i++) {
          assertThat(weights.weights()[i])
              .as("seed %d", seed)
              .isCloseTo(plain[i] / sum, within(1e-9));
        }
      }
    }
  }

  @Test
  void findsAMemberAgainThatRecovered() {
    ExpertWeights weights = ExpertWeights.create(2, 0.5, 0.01);
    for (int i = 0; i < 1_000; i++) {
      weights = weights.learn(new double[] {1, 0});
    }
    assertThat(weights.weights()[1]).isGreaterThan(0.9);
    for (int i = 0; i < 30; i++) {
      weights = weights.learn(new double[] {0, 1});
    }
    assertThat(weights.weights()[0]).isGreaterThan(0.9);
  }

  @Test
  void whoDidNotAnswerKeepsItsShare() {
    ExpertWeights weights = ExpertWeights.create(3, 0.5, 0).learn(new double[] {0, 1, 0.5});
    double before = weights.weights()[2];
    ExpertWeights after = weights.learn(new double[] {1, 0, Double.NaN});
    assertThat(after.weights()[2]).isCloseTo(before, within(1e-12));
    double[] nobody = {Double.NaN, Double.NaN, Double.NaN};
    assertThat(after.learn(nobody).state()).isEqualTo(after.state());
  }

  @Test
  void goesOnFromItsState() {
    ExpertWeights weights = ExpertWeights.create(2, 0.5, 0.01).learn(new double[] {1, 0});
    ExpertWeights restored = ExpertWeights.restore(2, 0.5, 0.01, weights.state());
    assertThat(restored.state()).isEqualTo(weights.state());
    assertThat(restored.weights()).isEqualTo(weights.weights());
  }

  @Test
  void refusesWhatCannotBe() {
    refused("members: 0", () -> ExpertWeights.create(0, 0.5, 0));
    refused("rate: 0.0", () -> ExpertWeights.create(2, 0, 0));
    refused("rate: NaN", () -> ExpertWeights.create(2, Double.NaN, 0));
    refused("share: 2.0", () -> ExpertWeights.create(2, 0.5, 2));
    ExpertWeights weights = ExpertWeights.create(2, 0.5, 0);
    refused("losses: 1 (expected: 2)", () -> weights.learn(new double[1]));
    refused("loss of member 1: 1.5", () -> weights.learn(new double[] {0, 1.5}));
    refused("2 numbers (expected: 3)", () -> ExpertWeights.restore(3, 0.5, 0, weights.state()));
    refused(
        "log_weights[0]: NaN",
        () ->
            ExpertWeights.restore(
                2,
                0.5,
                0,
                new BanditState(
                    "expert_weights", Map.of("log_weights", List.of(Double.NaN, 0.0)))));
  }

  private static void refused(String message, ThrowingCallable call) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(message);
  }
}
