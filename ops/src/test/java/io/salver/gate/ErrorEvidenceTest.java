package io.salver.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ErrorEvidenceTest {
  @Test
  void aBlockIsWorthAtMostOneOnAverageIfTheCanaryIsNoWorse() {
    for (long seed = 0; seed < 500; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      ErrorEvidence before = learnt(random);
      int ofBaseline = random.nextInt(6);
      int ofCanary = random.nextInt(6);
      double baselineRate = random.nextDouble();
      double canaryRate = random.nextBoolean() ? baselineRate : baselineRate * random.nextDouble();
      double mean = 0;
      for (int b = 0; b <= ofBaseline; b++) {
        for (int c = 0; c <= ofCanary; c++) {
          double chance = binomial(ofBaseline, b, baselineRate) * binomial(ofCanary, c, canaryRate);
          ErrorEvidence after =
              before.seen(
                  side(before.baselineRequests() + ofBaseline, before.baselineErrors() + b),
                  side(before.canaryRequests() + ofCanary, before.canaryErrors() + c));
          mean += chance * Math.exp(after.logValue() - before.logValue());
        }
      }
      assertThat(mean).as("seed %d", seed).isLessThanOrEqualTo(1 + 1e-9);
    }
  }

  private static ErrorEvidence learnt(SplittableRandom random) {
    long baseline = random.nextInt(200);
    long canary = random.nextInt(200);
    return ErrorEvidence.NONE.seen(
        side(baseline, random.nextLong(baseline + 1)), side(canary, random.nextLong(canary + 1)));
  }

  private static double binomial(int n, int k, double rate) {
    double chance = Math.pow(rate, k) * Math.pow(1 - rate, n - k);
    for (int i = 0; i < k; i++) {
      chance *= (double) (n - i) / (i + 1);
    }
    return chance;
  }

  @Test
  void rarelySpeaksAgainstACanaryThatIsNoWorseHoweverOftenOneLooks() {
    double alpha = 0.05;
    int wrong = 0;
    int runs = 2_000;
    for (long seed = 0; seed < runs; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      double rate = Math.pow(10, -3 + 2.5 * random.nextDouble());
      ErrorEvidence evidence = ErrorEvidence.NONE;
      Counts counts = new Counts();
      boolean ever = false;
      for (int look = 0; look < 300; look++) {
        // The rate moves, as do the sizes: both sides see the same.
        double now = Math.min(1, rate * (1 + Math.sin(look / 20.0)));
        counts.add(random.nextInt(30), now, random.nextInt(10), now, random);
        evidence = evidence.seen(counts.baseline(), counts.canary());
        ever |= evidence.logValue() >= Math.log(1 / alpha);
      }
      wrong += ever ? 1 : 0;
    }
    assertThat((double) wrong / runs).isLessThanOrEqualTo(alpha);
  }

  @Test
  void speaksAgainstOneThatFailsAtTwoPercent() {
    for (long seed = 0; seed < 100; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      ErrorEvidence evidence = ErrorEvidence.NONE;
      Counts counts = new Counts();
      while (evidence.logValue() < Math.log(1 / 0.001)) {
        counts.add(10, 0.001, 10, 0.02, random);
        evidence = evidence.seen(counts.baseline(), counts.canary());
      }
      assertThat(counts.canaryRequests).as("seed %d", seed).isLessThan(3_000);
    }
  }

  @Test
  void doesNotBetWhereTheCanaryLooksNoWorse() {
    ErrorEvidence evidence = ErrorEvidence.NONE.seen(side(100, 5), side(100, 5));
    assertThat(evidence.seen(side(200, 5), side(200, 9)).logValue()).isZero();
    assertThat(evidence.seen(side(100, 5), side(100, 5)).logValue()).isZero();
  }

  private static CanaryObservation.Side side(long requests, long errors) {
    return new CanaryObservation.Side(requests, errors, LatencyHistogram.EMPTY);
  }

  private static final class Counts {
    private long baselineRequests;
    private long baselineErrors;
    private long canaryRequests;
    private long canaryErrors;

    void add(
        int ofBaseline,
        double baselineRate,
        int ofCanary,
        double canaryRate,
        SplittableRandom random) {
      baselineRequests += ofBaseline;
      canaryRequests += ofCanary;
      for (int i = 0; i < ofBaseline; i++) {
        baselineErrors += random.nextDouble() < baselineRate ? 1 : 0;
      }
      for (int i = 0; i < ofCanary; i++) {
        canaryErrors += random.nextDouble() < canaryRate ? 1 : 0;
      }
    }

    CanaryObservation.Side baseline() {
      return side(baselineRequests, baselineErrors);
    }

    CanaryObservation.Side canary() {
      return side(canaryRequests, canaryErrors);
    }
  }
}
