package io.salver.examples.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeededRandomTest {
  private static final long SEED = 5;
  private static final int COUNT = 100_000;

  private final SeededRandom random = new SeededRandom(SEED);

  private static void checkMoments(DoubleSupplier draw, double mean, double variance) {
    double[] values = DoubleStream.generate(draw).limit(COUNT).toArray();
    double actual = Arrays.stream(values).average().orElseThrow();
    double spread = Arrays.stream(values).map(v -> (v - actual) * (v - actual)).sum() / COUNT;
    assertThat(actual).as("mean, seed %d", SEED).isCloseTo(mean, within(0.02 * (1 + mean)));
    assertThat(spread)
        .as("variance, seed %d", SEED)
        .isCloseTo(variance, within(0.04 * (1 + variance)));
  }

  @Test
  void uniformIsThatOfTheLibrarysGeneratorOfTheSameKind() {
    SplittableRandom library = new SplittableRandom(SEED);
    for (int i = 0; i < 1000; i++) {
      assertThat(random.uniform()).isEqualTo((library.nextLong() >>> 11) * 0x1p-53);
    }
  }

  @Test
  void gaussianHasMeanZeroAndVarianceOne() {
    checkMoments(random::gaussian, 0, 1);
  }

  @Test
  void exponentialHasTheVarianceOfItsMeanSquared() {
    checkMoments(() -> random.exponential(3), 3, 9);
  }

  @Test
  void erlangVariesLessWithMoreStages() {
    checkMoments(() -> random.erlang(4, 6), 6, 9);
  }

  @Test
  void poissonHasTheVarianceOfItsMean() {
    checkMoments(() -> random.poisson(4.5), 4.5, 4.5);
  }

  @Test
  void poissonOfMeanZeroIsZero() {
    assertThat(random.poisson(0)).isZero();
  }

  @Test
  void shuffleKeepsEveryRow() {
    int[] rows = IntStream.range(0, 1000).toArray();
    random.shuffle(rows);
    assertThat(rows).isNotEqualTo(IntStream.range(0, 1000).toArray());
    assertThat(Arrays.stream(rows).sorted())
        .containsExactlyElementsOf(IntStream.range(0, 1000).boxed().toList());
  }
}
