package io.salver.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AllowanceTest {
  private static final long SECOND = 1_000_000_000;

  private long nowNs = -5;
  private Instant now = Instant.parse("2026-11-27T23:59:00Z");

  private Allowance allowance(double perSecond, int burst, long perDay) {
    return new Allowance("app", new Limits(perSecond, burst, perDay), () -> nowNs, () -> now);
  }

  private static int takeAll(Allowance allowance) {
    int taken = 0;
    while (taken < 1_000_000 && allowance.take() == null) {
      taken++;
    }
    return taken;
  }

  @Test
  void whoHasNoLimitsIsNeverStopped() {
    assertThat(takeAll(Allowance.UNLIMITED)).isEqualTo(1_000_000);
  }

  @Test
  void theBurstIsThereAtOnceAndComesBackWithTime() {
    Allowance allowance = allowance(10, 5, 0);
    assertThat(takeAll(allowance)).isEqualTo(5);
    nowNs += SECOND / 10;
    assertThat(takeAll(allowance)).isEqualTo(1);
    nowNs += 1_000 * SECOND;
    assertThat(takeAll(allowance)).isEqualTo(5);
  }

  @Test
  void aRefusalSaysWhenTheNextOneIsToBeHad() {
    Allowance allowance = allowance(0.5, 1, 0);
    assertThat(allowance.take()).isNull();
    Refusal refusal = Objects.requireNonNull(allowance.take());
    assertThat(refusal.reason()).isEqualTo(Refusal.Reason.LIMITED);
    assertThat(refusal.message())
        .isEqualTo(
            "requests of app: more than 0.5 per second after a burst of 1 (expected: the next one"
                + " in 2000 ms)");
    assertThat(refusal.retryAfterSeconds()).isEqualTo(2);
    nowNs += refusal.retryAfter().toNanos();
    assertThat(allowance.take()).isNull();
  }

  /** The bucket as books describe it is the oracle. */
  @Test
  void isATokenBucket() {
    long seed = 20261127;
    Random random = new Random(seed);
    Allowance allowance = allowance(100, 7, 0);
    double tokens = 7;
    for (int i = 0; i < 20_000; i++) {
      long stepNs = random.nextLong(SECOND / 50);
      nowNs += stepNs;
      tokens = Math.min(7, tokens + stepNs * 100 / 1e9);
      boolean unclear = Math.abs(tokens - 1) < 1e-6;
      boolean taken = allowance.take() == null;
      if (!unclear) {
        assertThat(taken).as("step %d of seed %d", i, seed).isEqualTo(tokens >= 1);
      }
      tokens -= taken ? 1 : 0;
    }
  }

  @Test
  void aQuotaIsFullAgainAtMidnight() {
    Allowance allowance = allowance(0, 1, 3);
    assertThat(takeAll(allowance)).isEqualTo(3);
    Refusal refusal = Objects.requireNonNull(allowance.take());
    assertThat(refusal.message())
        .isEqualTo(
            "requests of app: 3 of 3 today (expected: the next one from 2026-11-28T00:00:00Z on)");
    assertThat(refusal.retryAfter()).isEqualTo(Duration.ofMinutes(1));
    now = now.plusSeconds(60);
    assertThat(takeAll(allowance)).isEqualTo(3);
  }

  @Test
  void whatTheRateRefusesCostsNothingOfTheDay() {
    Allowance allowance = allowance(1, 1, 2);
    assertThat(takeAll(allowance)).isEqualTo(1);
    takeAll(allowance);
    nowNs += SECOND;
    assertThat(takeAll(allowance)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"-1, 1, 0", "NaN, 1, 0", "1e-9, 1, 0", "1, 0, 0", "1, 1, -1", "1, 1, 9e15"})
  void limitsThatMeanNothingAreRefused(double perSecond, int burst, double perDay) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Limits(perSecond, burst, (long) perDay))
        .withMessageContaining("(expected: ");
  }
}
