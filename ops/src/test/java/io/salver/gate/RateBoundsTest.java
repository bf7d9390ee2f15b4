package io.salver.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RateBoundsTest {
  @Test
  void holdTheRateAtEveryLookTogether() {
    double alpha = 0.1;
    for (double rate : new double[] {0.001, 0.02, 0.3}) {
      int missed = 0;
      for (long seed = 0; seed < 500; seed++) {
        missed += missesOnce(rate, alpha, new SplittableRandom(seed)) ? 1 : 0;
      }
      assertThat(missed / 500.0).as("rate %s", rate).isLessThanOrEqualTo(alpha);
    }
  }

  private static boolean missesOnce(double rate, double alpha, SplittableRandom random) {
    long hits = 0;
    for (long trials = 1; trials <= 3_000; trials++) {
      hits += random.nextDouble() < rate ? 1 : 0;
      if (trials % 10 == 0) {
        Bounds bounds = RateBounds.of(hits, trials, alpha);
        if (rate < bounds.lower() || rate > bounds.upper()) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void endWhereTheMixtureIsAsManyTimesAsLikely() {
    for (long seed = 0; seed < 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int trials = 1 + random.nextInt(40);
      int hits = random.nextInt(trials + 1);
      double alpha = 0.001 + 0.2 * random.nextDouble();
      Bounds bounds = RateBounds.of(hits, trials, alpha);
      if (hits > 0) {
        assertThat(ratio(hits, trials, bounds.lower()))
            .as("seed %d", seed)
            .isCloseTo(1 / alpha, within(1e-3 / alpha));
      }
      if (hits < trials) {
        assertThat(ratio(hits, trials, bounds.upper()))
            .as("seed %d", seed)
            .isCloseTo(1 / alpha, within(1e-3 / alpha));
      }
      assertThat(bounds.lower()).isLessThanOrEqualTo((double) hits / trials);
      assertThat(bounds.upper()).isGreaterThanOrEqualTo((double) hits / trials);
    }
  }

  /** The ratio by summing over rates; with sin^2, what is mixed is uniform. */
  private static double ratio(int hits, int trials, double rate) {
    double mixture = 0;
    int steps = 20_000;
    for (int i = 0; i < steps; i++) {
      double sine = Math.sin((i + 0.5) / steps * Math.PI / 2);
      mixture += likelihood(hits, trials, sine * sine) / steps;
    }
    return mixture / likelihood(hits, trials, rate);
  }

  private static double likelihood(int hits, int trials, double rate) {
    return Math.pow(rate, hits) * Math.pow(1 - rate, trials - hits);
  }

  @Test
  void knowNothingWithoutTrialsAndEverythingWithMany() {
    assertThat(RateBounds.of(0, 0, 0.01)).isEqualTo(new Bounds(0, 1));
    assertThat(RateBounds.of(5, 5, 0.01).upper()).isEqualTo(1);
    assertThat(RateBounds.of(0, 5, 0.01).lower()).isZero();
    Bounds many = RateBounds.of(20_000_000, 1_000_000_000, 0.01);
    assertThat(many.lower()).isCloseTo(0.02, within(1e-4));
    assertThat(many.upper()).isCloseTo(0.02, within(1e-4));
  }
}
