package io.salver.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class QuantileBoundsTest {
  @Test
  void theUpperEndOfAP99ExistsFrom459SamplesOn() {
    SplittableRandom random = new SplittableRandom(0);
    long[] latencies = LatencyShiftTest.latencies(CanaryPlan.MIN_TAIL_SAMPLES, 1, 0.5, random);
    LatencyHistogram enough = LatencyShiftTest.histogram(latencies);
    LatencyHistogram tooFew =
        LatencyShiftTest.histogram(Arrays.copyOf(latencies, latencies.length - 1));
    assertThat(QuantileBounds.of(enough, 0.99, 0.01).upper()).isFinite();
    assertThat(QuantileBounds.of(tooFew, 0.99, 0.01).upper()).isInfinite();
  }

  @Test
  void eachEndIsWrongAtMostAsOftenAsItMay() {
    double alpha = 0.05;
    double p99 = 10e6 * Math.exp(0.5 * 2.3263478740408408);
    for (int count : new int[] {100, 459, 3_000}) {
      int below = 0;
      int above = 0;
      int runs = count > 1_000 ? 500 : 2_000;
      for (long seed = 0; seed < runs; seed++) {
        LatencyHistogram latencies =
            LatencyShiftTest.histogram(
                LatencyShiftTest.latencies(count, 1, 0.5, new SplittableRandom(seed)));
        Bounds bounds = QuantileBounds.of(latencies, 0.99, alpha);
        below += bounds.upper() < p99 ? 1 : 0;
        above += bounds.lower() > p99 ? 1 : 0;
      }
      assertThat((double) below / runs).as("%d samples", count).isLessThan(alpha + 0.01);
      assertThat((double) above / runs).as("%d samples", count).isLessThan(alpha + 0.01);
    }
  }

  @Test
  void manySamplesAreBoundedAsAFewLess() {
    // On both sides of where the normal approximation takes over.
    for (int count : new int[] {20_000, 20_001}) {
      LatencyHistogram latencies =
          LatencyShiftTest.histogram(
              LatencyShiftTest.latencies(count, 1, 0.5, new SplittableRandom(3)));
      Bounds bounds = QuantileBounds.of(latencies, 0.99, 0.001);
      double p99 = latencies.quantileNs(0.99);
      assertThat(bounds.lower() / p99).isBetween(0.9, 0.99);
      assertThat(bounds.upper() / p99).isBetween(1.01, 1.12);
    }
  }
}
