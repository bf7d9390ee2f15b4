package io.salver.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LatencyShiftTest {
  @Test
  void isWhatAllPairsSay() {
    for (long seed = 0; seed < 60; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      long[] baseline = latencies(20 + random.nextInt(100), 1, 0.6, random);
      long[] canary = latencies(20 + random.nextInt(100), 1.2, 0.6, random);
      LatencyShift shift = LatencyShift.of(histogram(baseline), histogram(canary), 0.01);
      double[] ratios = new double[baseline.length * canary.length];
      double u = 0;
      for (int c = 0; c < canary.length; c++) {
        for (int b = 0; b < baseline.length; b++) {
          ratios[c * baseline.length + b] = (double) canary[c] / baseline[b];
          u += canary[c] > baseline[b] ? 1 : 0;
        }
      }
      Arrays.sort(ratios);
      assertThat(shift.ratio())
          .as("seed %d", seed)
          .isCloseTo(ratios[ratios.length / 2], within(0.03));
      double n = baseline.length;
      double m = canary.length;
      double z = (u - n * m / 2) / Math.sqrt(n * m * (n + m + 1) / 12);
      // Ties within a bucket and the correction for continuity make a small difference.
      assertThat(SpecialFunctions.normalQuantileAbove(shift.pSlower()))
          .as("seed %d", seed)
          .isCloseTo(z, within(0.1));
      assertThat(shift.ratioBounds().lower()).isLessThan(shift.ratio());
      assertThat(shift.ratioBounds().upper()).isGreaterThan(shift.ratio());
    }
  }

  @Test
  void findsNothingBetweenTheSameAndTheBoundsHoldTheFactor() {
    double alpha = 0.05;
    int wrong = 0;
    int below = 0;
    int above = 0;
    int runs = 2_000;
    for (long seed = 0; seed < runs; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      LatencyHistogram baseline = histogram(latencies(200, 1, 0.5, random));
      LatencyHistogram same = histogram(latencies(150, 1, 0.5, random));
      LatencyHistogram slower = histogram(latencies(150, 1.3, 0.5, random));
      wrong += LatencyShift.of(baseline, same, alpha).pSlower() <= alpha ? 1 : 0;
      Bounds bounds = LatencyShift.of(baseline, slower, alpha).ratioBounds();
      below += bounds.upper() < 1.3 ? 1 : 0;
      above += bounds.lower() > 1.3 ? 1 : 0;
    }
    assertThat((double) wrong / runs).isLessThan(alpha + 0.015);
    assertThat((double) below / runs).isLessThan(alpha + 0.015);
    assertThat((double) above / runs).isLessThan(alpha + 0.015);
  }

  @Test
  void ofLatenciesThatAreAllTheSameIsOne() {
    LatencyHistogram same = histogram(new long[] {5_000_000, 5_000_000, 5_000_000});
    LatencyShift shift = LatencyShift.of(same, same, 0.01);
    assertThat(shift.ratio()).isCloseTo(1, within(0.011));
    assertThat(shift.pSlower()).isGreaterThanOrEqualTo(0.5);
  }

  @Test
  void bucketsAreAPercentWide() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 10_000; i++) {
      long latencyNs = (long) Math.exp(Math.log(1_001) + random.nextDouble() * 21);
      int bucket = LatencyHistogram.bucket(latencyNs);
      assertThat(latencyNs / LatencyHistogram.lowerNs(bucket)).isBetween(0.999999, 1.011);
    }
    assertThat(LatencyHistogram.bucket(Long.MIN_VALUE)).isZero();
    assertThat(LatencyHistogram.bucket(0)).isZero();
    assertThat(LatencyHistogram.bucket(Long.MAX_VALUE)).isEqualTo(LatencyHistogram.BUCKETS - 1);
  }

  @Test
  void quantilesAreThoseOfTheSortedLatencies() {
    SplittableRandom random = new SplittableRandom(2);
    long[] latencies = latencies(5_000, 1, 0.7, random);
    LatencyHistogram histogram = histogram(latencies);
    Arrays.sort(latencies);
    for (double share : new double[] {0.01, 0.5, 0.9, 0.99, 1}) {
      double sorted = latencies[(int) Math.ceil(share * 5_000) - 1];
      assertThat(histogram.quantileNs(share) / sorted).isCloseTo(1, within(0.006));
    }
    assertThat(LatencyHistogram.EMPTY.quantileNs(0.5)).isZero();
  }

  static long[] latencies(int count, double factor, double sigma, SplittableRandom random) {
    long[] latencies = new long[count];
    for (int i = 0; i < count; i++) {
      latencies[i] = (long) (factor * 10e6 * Math.exp(sigma * random.nextGaussian()));
    }
    return latencies;
  }

  static LatencyHistogram histogram(long[] latencies) {
    CanaryWindow window = new CanaryWindow();
    for (long latency : latencies) {
      window.canary(latency, false);
    }
    return window.observed().canary().latencies();
  }
}
