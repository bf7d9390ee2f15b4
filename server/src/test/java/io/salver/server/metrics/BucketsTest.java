package io.salver.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BucketsTest {
  private static List<String> labels(Buckets buckets) {
    return IntStream.range(0, buckets.count()).mapToObj(buckets::label).toList();
  }

  @Test
  void latencyBoundsAreSpelledAsTensorFlowServingSpellsThem() {
    assertThat(labels(Buckets.TF_LATENCY))
        .hasSize(34)
        .startsWith("10", "18", "32.4", "58.32", "104.976", "188.957", "340.122", "612.22", "1102")
        .contains("1983.59", "3570.47", "708235", "1.27482e+06", "2.29468e+06")
        .endsWith("1.47476e+09", "+Inf");
  }

  @Test
  void exampleBoundsAreThePowersOfTwoUpToSixteenThousand() {
    assertThat(labels(Buckets.TF_EXAMPLES))
        .hasSize(16)
        .startsWith("1", "2", "4", "8")
        .endsWith("16384", "+Inf");
  }

  @Test
  void secondsGoInStepsOfOneTwoFive() {
    assertThat(labels(Buckets.SECONDS))
        .startsWith("0.000001", "0.000002", "0.000005", "0.00001")
        .endsWith("2", "5", "10", "+Inf")
        .hasSize(23);
  }

  @Test
  void aValueOnABoundBelongsToItsBucketAndTheNextOneDoesNot() {
    for (Buckets buckets : List.of(Buckets.TF_LATENCY, Buckets.TF_EXAMPLES, Buckets.SECONDS)) {
      for (int i = 0; i < buckets.count() - 1; i++) {
        long bound = Math.round(Double.parseDouble(buckets.label(i)) / buckets.inUnit(1));
        assertThat(buckets.indexOf(bound - bound / 1000 * 2)).as(buckets.label(i)).isEqualTo(i);
        assertThat(buckets.indexOf(bound + bound / 1000 * 2 + 1))
            .as(buckets.label(i))
            .isEqualTo(i + 1);
      }
    }
    assertThat(Buckets.TF_LATENCY.indexOf(10_000)).isZero();
    assertThat(Buckets.TF_LATENCY.indexOf(10_001)).isOne();
    assertThat(Buckets.TF_EXAMPLES.indexOf(16_384)).isEqualTo(14);
    assertThat(Buckets.TF_EXAMPLES.indexOf(16_385)).isEqualTo(15);
  }

  @Test
  void valuesThatAreNoDurationsFallIntoTheOuterBuckets() {
    assertThat(Buckets.SECONDS.indexOf(Long.MIN_VALUE)).isZero();
    assertThat(Buckets.SECONDS.indexOf(-1)).isZero();
    assertThat(Buckets.SECONDS.indexOf(0)).isZero();
    assertThat(Buckets.SECONDS.indexOf(Long.MAX_VALUE)).isEqualTo(Buckets.SECONDS.count() - 1);
  }

  @Test
  void indexOfAgreesWithTheBoundsForRandomValues() {
    long seed = 20261122;
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      long value = random.nextLong() >>> random.nextInt(1, 63);
      int index = Buckets.TF_LATENCY.indexOf(value);
      double micros = value / 1e3;
      String context = "seed " + seed + ", value " + value;
      if (index > 0) {
        assertThat(micros).as(context).isGreaterThan(bound(index - 1) * (1 - 1e-5));
      }
      assertThat(micros).as(context).isLessThanOrEqualTo(bound(index) * (1 + 1e-5));
    }
  }

  private static double bound(int i) {
    String label = Buckets.TF_LATENCY.label(i);
    return label.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(label);
  }

  @Test
  void aQuantileIsWithinTheBucketThatHoldsIt() {
    Random random = new Random(20261127);
    for (int round = 0; round < 200; round++) {
      long[] values = random.longs(1 + random.nextInt(300), 0, 20_000_000_000L).sorted().toArray();
      long[] counts = new long[Buckets.SECONDS.count()];
      for (long value : values) {
        counts[Buckets.SECONDS.indexOf(value)]++;
      }
      for (double q : new double[] {0.01, 0.5, 0.99, 1}) {
        long exact = values[(int) Math.ceil(q * values.length) - 1];
        double estimate = Buckets.SECONDS.quantile(counts, q).orElseThrow();

        assertThat(estimate).as("round %s, quantile %s", round, q).isGreaterThanOrEqualTo(0);
        assertThat(Buckets.SECONDS.indexOf((long) estimate))
            .as("round %s, quantile %s: %s for %s", round, q, estimate, exact)
            .isIn(Buckets.SECONDS.indexOf(exact), Buckets.SECONDS.indexOf(exact) - 1);
      }
    }
    assertThat(Buckets.SECONDS.quantile(new long[Buckets.SECONDS.count()], 0.5)).isEmpty();
  }

  @Test
  void sixDigitsIsWhatCPrints() {
    assertThat(Buckets.sixDigits(0.5)).isEqualTo("0.5");
    assertThat(Buckets.sixDigits(0.0001)).isEqualTo("0.0001");
    assertThat(Buckets.sixDigits(0.00001234567)).isEqualTo("1.23457e-05");
    assertThat(Buckets.sixDigits(100_000)).isEqualTo("100000");
    assertThat(Buckets.sixDigits(1e6)).isEqualTo("1e+06");
    assertThat(Buckets.sixDigits(1e100)).isEqualTo("1e+100");
  }
}
