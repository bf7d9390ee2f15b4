package io.salver.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Policies against models whose cost is known: a fixed part, a part for each row, and noise. */
class BatchPolicyTest {
  private static final long OBJECTIVE_NS = 10_000_000;
  private static final long FIXED_NS = 1_000_000;
  private static final int LIMIT = 1_024;

  static Stream<BatchPolicy> adaptive() {
    return Stream.of(
        AimdPolicy.starting(OBJECTIVE_NS, LIMIT, 4), QuantilePolicy.starting(OBJECTIVE_NS, LIMIT));
  }

  /** What a run of a simulated model takes. */
  private record Cost(long fixedNs, long rowNs, double noise) {
    long runNs(long rows, Random random) {
      return (long) ((fixedNs + rowNs * rows) * (1 + noise * random.nextDouble()));
    }

    /** How many rows the objective leaves room for, in the worst case. */
    double bestRows() {
      return (OBJECTIVE_NS / (1 + noise) - fixedNs) / rowNs;
    }
  }

  /** Full batches, one after the other: {@code late} counts those beyond the objective. */
  private static final class Saturated {
    private final Random random;
    private BatchPolicy policy;
    private long rows;
    private int runs;
    private int late;

    Saturated(BatchPolicy policy, long seed) {
      this.policy = policy;
      this.random = new Random(seed);
    }

    Saturated run(Cost cost, int count) {
      rows = 0;
      runs = count;
      late = 0;
      for (int i = 0; i < count; i++) {
        int batch = policy.maxRows();
        long ns = cost.runNs(batch, random);
        rows += batch;
        late += ns > OBJECTIVE_NS ? 1 : 0;
        policy = policy.ran(batch, ns);
        assertThat(policy.maxRows()).isBetween(1, LIMIT);
      }
      return this;
    }

    double meanRows() {
      return (double) rows / runs;
    }
  }

  @ParameterizedTest
  @MethodSource("adaptive")
  void theBoundSettlesNearTheLargestBatchThatKeepsTheObjective(BatchPolicy policy) {
    for (long seed = 1; seed <= 5; seed++) {
      Cost cost = new Cost(FIXED_NS, 50_000, 0.1);
      Saturated load = new Saturated(policy, seed).run(cost, 300).run(cost, 1_000);
      assertThat(load.meanRows())
          .as("%s, seed %d", policy, seed)
          .isBetween(0.8 * cost.bestRows(), 1.15 * cost.bestRows());
    }
  }

  @ParameterizedTest
  @MethodSource("adaptive")
  void aModelThatBecomesThreeTimesAsSlowGetsSmallerBatchesAndRecovers(BatchPolicy policy) {
    for (long seed = 1; seed <= 5; seed++) {
      Cost before = new Cost(FIXED_NS, 50_000, 0.1);
      Cost after = new Cost(FIXED_NS, 150_000, 0.1);
      Saturated load = new Saturated(policy, seed).run(before, 500).run(after, 200);
      load.run(after, 500);
      assertThat(load.meanRows())
          .as("slower: %s, seed %d", policy, seed)
          .isBetween(0.75 * after.bestRows(), 1.2 * after.bestRows());
      load.run(before, 300).run(before, 500);
      assertThat(load.meanRows())
          .as("recovered: %s, seed %d", policy, seed)
          .isBetween(0.75 * before.bestRows(), 1.2 * before.bestRows());
    }
  }

  @Test
  void quantileRegressionKeepsNearlyAllBatchesWithinTheObjective() {
    for (long seed = 1; seed <= 5; seed++) {
      Cost cost = new Cost(FIXED_NS, 50_000, 0.3);
      Saturated load =
          new Saturated(QuantilePolicy.starting(OBJECTIVE_NS, LIMIT), seed)
              .run(cost, 300)
              .run(cost, 2_000);
      assertThat(load.late).as("late of 2000, seed %d", seed).isLessThanOrEqualTo(60);
    }
  }

  @ParameterizedTest
  @MethodSource("adaptive")
  void aSingleLateRunDoesNotCollapseTheBound(BatchPolicy policy) {
    Cost cost = new Cost(FIXED_NS, 50_000, 0);
    Saturated load = new Saturated(policy, 1).run(cost, 500);
    int before = load.policy.maxRows();
    BatchPolicy after = load.policy.ran(before, 20 * OBJECTIVE_NS);
    assertThat(after.maxRows()).isGreaterThanOrEqualTo((int) (0.89 * before));
  }

  @ParameterizedTest
  @MethodSource("adaptive")
  void aModelThatCannotKeepTheObjectiveRunsRowsOneByOne(BatchPolicy policy) {
    Saturated load = new Saturated(policy, 1).run(new Cost(2 * OBJECTIVE_NS, 1_000, 0), 100);
    assertThat(load.policy.maxRows()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("adaptive")
  void whatCostsNothingPerRowReachesTheLimit(BatchPolicy policy) {
    Saturated load = new Saturated(policy, 1).run(new Cost(FIXED_NS, 0, 0.01), 1_000);
    assertThat(load.policy.maxRows()).isEqualTo(LIMIT);
  }

  @Test
  void smallBatchesDoNotRaiseTheBoundOfAimd() {
    BatchPolicy policy = new AimdPolicy(OBJECTIVE_NS, LIMIT, 4, 10);
    assertThat(policy.ran(9, 1)).isSameAs(policy);
    assertThat(policy.ran(10, 1).maxRows()).isEqualTo(14);
    assertThat(policy.ran(1, OBJECTIVE_NS + 1).maxRows()).isEqualTo(9);
  }

  @Test
  void aFixedPolicyStaysAsItIs() {
    BatchPolicy policy = new BatchPolicy.Fixed(7);
    assertThat(policy.ran(7, Long.MAX_VALUE)).isSameAs(policy);
  }

  @Test
  void emptyBatchesTeachQuantileRegressionNothing() {
    BatchPolicy policy = QuantilePolicy.starting(OBJECTIVE_NS, LIMIT);
    assertThat(policy.ran(0, 1)).isSameAs(policy);
  }

  @Test
  void boundsBelowOneAreRefused() {
    assertThatThrownBy(() -> AimdPolicy.starting(0, 1, 1))
        .hasMessageContaining("AIMD: objective 0 ns");
    assertThatThrownBy(() -> new AimdPolicy(1, 4, 1, 5)).hasMessageContaining("5 of 4 rows");
    assertThatThrownBy(() -> QuantilePolicy.starting(1, 0)).hasMessageContaining("at most 0 rows");
  }

  @Test
  void theQuantileLineOfPointsOnALineIsThatLine() {
    long[] x = {1, 2, 4, 8, 16};
    long[] y = {1_100, 1_200, 1_400, 1_800, 2_600};
    QuantileLine line = QuantileLine.fit(x, y, 0.99);
    assertThat(line.slope()).isCloseTo(100, org.assertj.core.data.Offset.offset(0.1));
    assertThat(line.intercept()).isCloseTo(1_000, org.assertj.core.data.Offset.offset(1.0));
    assertThat(line.largestWithin(2_000)).isCloseTo(10, org.assertj.core.data.Offset.offset(0.05));
  }

  @Test
  void theQuantileLineLeavesTheStatedShareBelow() {
    Random random = new Random(7);
    long[] x = new long[1_000];
    long[] y = new long[1_000];
    for (int i = 0; i < x.length; i++) {
      x[i] = 1 + random.nextInt(64);
      y[i] = (long) (1_000 + 10 * x[i] + 500 * random.nextDouble());
    }
    QuantileLine line = QuantileLine.fit(x, y, 0.9);
    int below = 0;
    for (int i = 0; i < x.length; i++) {
      below += y[i] <= line.intercept() + line.slope() * x[i] + 1e-6 ? 1 : 0;
    }
    assertThat(below).isBetween(895, 905);
    assertThat(line.slope()).isBetween(8.0, 12.0);
  }
}
