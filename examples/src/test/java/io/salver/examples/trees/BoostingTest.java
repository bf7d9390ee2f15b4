package io.salver.examples.trees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.salver.examples.training.SeededRandom;
import java.util.List;
import org.junit.jupiter.api.Test;

class BoostingTest {
  private static final long SEED = 17;
  private static final float UNKNOWN = Float.NaN;

  private static Rows oneFeature(float[] values, boolean... happened) {
    return new Rows(List.of("x"), new float[][] {values}, happened);
  }

  /** One tree of one split, without regularisation: leaves are Newton's steps. */
  private static final Boosting STUMP = new Boosting(1, 1, 1, 0, 0);

  @Test
  void theBestThresholdIsFoundAndLeavesAreNewtonSteps() {
    BoostedTrees trees =
        STUMP.fit(oneFeature(new float[] {4, 1, 3, 2, 5}, true, false, true, false, true));
    double margin = Math.log(0.6 / 0.4);
    assertThat(trees.probability(2.4f))
        .isCloseTo(sigmoid(margin - 0.6 / (0.6 * 0.4)), within(1e-6));
    assertThat(trees.probability(2.5f))
        .isCloseTo(sigmoid(margin + 0.4 / (0.6 * 0.4)), within(1e-6));
  }

  private static double sigmoid(double margin) {
    return 1 / (1 + Math.exp(-margin));
  }

  @Test
  void missingValuesGoToTheSideThatTheyAreLike() {
    for (boolean like : new boolean[] {false, true}) {
      BoostedTrees trees =
          STUMP.fit(
              oneFeature(
                  new float[] {1, UNKNOWN, 2, 3, UNKNOWN, 4},
                  false,
                  like,
                  false,
                  true,
                  like,
                  true));
      float same = like ? 4 : 1;
      assertThat(trees.probability(UNKNOWN)).isEqualTo(trees.probability(same));
    }
  }

  @Test
  void equalValuesAreNotParted() {
    BoostedTrees trees = STUMP.fit(oneFeature(new float[] {7, 7, 7, 7}, true, false, true, false));
    assertThat(trees.probability(7)).isCloseTo(0.5, within(1e-6));
    assertThat(trees.toXgboostJson()).contains("\"num_nodes\": \"1\"");
  }

  @Test
  void leavesKeepTheLeastHessian() {
    Boosting cautious = new Boosting(1, 1, 1, 0, 0.6);
    BoostedTrees trees =
        cautious.fit(oneFeature(new float[] {1, 2, 3, 4}, true, false, false, false));
    assertThat(trees.toXgboostJson()).contains("\"num_nodes\": \"1\"");
  }

  @Test
  void treesLearnWhatNoSingleThresholdCanTell() {
    SeededRandom random = new SeededRandom(SEED);
    float[][] features = new float[2][2_000];
    boolean[] happened = new boolean[2_000];
    for (int row = 0; row < happened.length; row++) {
      features[0][row] = (float) random.between(-1, 1);
      features[1][row] = (float) random.between(-1, 1);
      happened[row] = features[0][row] > 0 != features[1][row] > 0.2;
    }
    BoostedTrees trees =
        new Boosting(30, 3, 0.3, 1, 1).fit(new Rows(List.of("x", "y"), features, happened));
    assertThat(trees.probability(0.5f, -0.5f)).as("seed %d", SEED).isGreaterThan(0.9);
    assertThat(trees.probability(0.5f, 0.7f)).as("seed %d", SEED).isLessThan(0.1);
    assertThat(trees.probability(-0.5f, 0.7f)).as("seed %d", SEED).isGreaterThan(0.9);
    assertThat(trees.probability(-0.5f, 0)).as("seed %d", SEED).isLessThan(0.1);
  }

  @Test
  void rowsAreSortedByValueAndThenByNumber() {
    Rows rows = oneFeature(new float[] {2, -1, UNKNOWN, -3, 0, -0f, 2}, new boolean[7]);
    assertThat(rows.sorted(0)).containsExactly(3, 1, 4, 5, 0, 6);
  }
}
