package io.salver.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class CombinerTest {
  private static final Offset<Double> CLOSE = within(1e-12);

  @Test
  void isWhatOneRowAtATimeGives() {
    for (long seed = 0; seed < 300; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int members = 1 + random.nextInt(6);
      int rows = random.nextInt(5);
      int classes = 2 + random.nextInt(4);
      double[][] scores = new double[members][];
      boolean[] arrived = new boolean[members];
      for (int i = 0; i < members; i++) {
        scores[i] = random.doubles((long) rows * classes).toArray();
        arrived[i] = random.nextInt(4) > 0;
      }
      double[] weights = random.doubles(members, 0.1, 2).toArray();
      Combined weighted = Combiner.weighted(scores, arrived, weights, rows, classes);
      Combined majority = Combiner.majority(scores, arrived, rows, classes);
      for (int row = 0; row < rows; row++) {
        String what = "seed " + seed + ", row " + row;
        ofWeighted(what, scores, arrived, weights, row, classes, weighted);
        ofMajority(what, scores, arrived, row, classes, majority);
      }
    }
  }

  private static void ofWeighted(
      String what,
      double[][] scores,
      boolean[] arrived,
      double[] weights,
      int row,
      int classes,
      Combined combined) {
    double total = 0;
    double[] sums = new double[classes];
    for (int i = 0; i < scores.length; i++) {
      if (arrived[i]) {
        total += weights[i];
        for (int c = 0; c < classes; c++) {
          sums[c] += weights[i] * row(scores[i], row, classes)[c];
        }
      }
    }
    int answer = Simplex.argMax(sums);
    double agreeing = 0;
    for (int i = 0; i < scores.length; i++) {
      if (arrived[i] && Simplex.argMax(row(scores[i], row, classes)) == answer) {
        agreeing += weights[i];
      }
    }
    for (int c = 0; c < classes; c++) {
      double score = combined.scores()[row * classes + c];
      if (total > 0) {
        assertThat(score).as(what).isCloseTo(sums[c] / total, CLOSE);
      } else {
        assertThat(score).as(what).isNaN();
      }
    }
    double confidence = total > 0 ? agreeing / total : 0;
    assertThat(combined.confidence()[row]).as(what).isCloseTo(confidence, CLOSE);
  }

  private static void ofMajority(
      String what, double[][] scores, boolean[] arrived, int row, int classes, Combined combined) {
    Map<Integer, Integer> votes = new HashMap<>();
    int voters = 0;
    for (int i = 0; i < scores.length; i++) {
      if (arrived[i]) {
        votes.merge(Simplex.argMax(row(scores[i], row, classes)), 1, Integer::sum);
        voters++;
      }
    }
    int most = votes.values().stream().max(Integer::compare).orElse(0);
    double confidence = voters > 0 ? (double) most / voters : 0;
    assertThat(combined.confidence()[row]).as(what).isCloseTo(confidence, CLOSE);
    for (int c = 0; c < classes && voters > 0; c++) {
      assertThat(combined.scores()[row * classes + c])
          .as(what)
          .isCloseTo((double) votes.getOrDefault(c, 0) / voters, CLOSE);
    }
  }

  private static double[] row(double[] scores, int row, int classes) {
    return Arrays.copyOfRange(scores, row * classes, (row + 1) * classes);
  }

  @Test
  void ofOneClassTheConfidenceIsHowCloseTheValuesAre() {
    boolean[] all = {true, true, true};
    double[][] same = {{5, -2}, {5, -2}, {5, -2}};
    assertThat(Combiner.mean(same, all, 2, 1).confidence()).containsExactly(1, 1);
    double[][] apart = {{9, 0}, {10, 0}, {11, 0}};
    Combined combined = Combiner.mean(apart, all, 2, 1);
    assertThat(combined.scores()).containsExactly(10, 0);
    assertThat(combined.confidence()[0]).isCloseTo(1 - Math.sqrt(2 / 3.0) / 10, CLOSE);
    assertThat(combined.confidence()[1]).isEqualTo(1);
    double[][] opposite = {{1}, {-1}, {1}};
    assertThat(Combiner.mean(opposite, all, 1, 1).confidence()[0]).isZero();
  }

  @Test
  void whoGivesNoNumberIsLeftOutOfThatRow() {
    double[][] scores = {{Double.NaN, 1, 0, 1}, {0.8, 0.2, 0.6, 0.4}};
    Combined combined = Combiner.mean(scores, new boolean[] {true, true}, 2, 2);
    assertThat(combined.scores()).containsExactly(new double[] {0.8, 0.2, 0.3, 0.7}, CLOSE);
    assertThat(combined.confidence()).containsExactly(1, 0.5);
    assertThat(combined.arrived()).isEqualTo(1);
  }

  @Test
  void whoHasNotArrivedIsNotLookedAt() {
    double[][] scores = {{}, {0.8, 0.2}};
    Combined combined = Combiner.majority(scores, new boolean[] {false, true}, 1, 2);
    assertThat(combined.scores()).containsExactly(1, 0);
    assertThat(combined.arrived()).isEqualTo(0.5);
  }

  @Test
  void aCascadeIsAsSureAsItsBestClass() {
    assertThat(Combiner.confidence(new double[] {0.1, 0.7, 0.2, 0, 0, 0}, 2, 3))
        .containsExactly(new double[] {0.7, 1 / 3.0}, CLOSE);
    assertThat(Combiner.confidence(new double[] {1_000, 0}, 1, 2)).containsExactly(1);
    assertThat(Combiner.confidence(new double[] {0.2, 0.9, 3, -3, Double.NaN}, 5, 1))
        .containsExactly(
            new double[] {0.8, 0.9, 1 / (1 + Math.exp(-3)), 1 / (1 + Math.exp(-3)), 0}, CLOSE);
    assertThat(Combiner.confidence(new double[] {Double.POSITIVE_INFINITY, 0}, 1, 2))
        .containsExactly(0);
  }

  @Test
  void refusesWhatDoesNotFit() {
    boolean[] one = {true};
    refused("0 members", () -> Combiner.mean(new double[0][], new boolean[0], 1, 2));
    refused("member 0: 3 scores", () -> Combiner.mean(new double[1][3], one, 1, 2));
    refused("2 arrived", () -> Combiner.mean(new double[1][2], new boolean[2], 1, 2));
    refused("-1 rows", () -> Combiner.mean(new double[1][2], one, -1, 2));
    refused("0 classes", () -> Combiner.mean(new double[1][2], one, 1, 0));
    refused("majority of 1 class", () -> Combiner.majority(new double[1][1], one, 1, 1));
    double[] negative = {-1};
    refused(
        "weight of member 0: -1.0", () -> Combiner.weighted(new double[1][2], one, negative, 1, 2));
    refused("member 0: 2 scores", () -> Combiner.confidence(new double[2], 1 << 30, 8));
  }

  private static void refused(String message, ThrowingCallable call) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(message);
  }
}
