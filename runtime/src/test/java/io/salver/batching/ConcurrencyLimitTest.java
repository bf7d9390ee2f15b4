package io.salver.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ConcurrencyLimitTest {
  private static final long RUN_NS = 2_000_000;

  @Test
  void beginsAtTheTop() {
    ConcurrencyLimit limit = ConcurrencyLimit.starting(10, 1_000);
    assertThat(limit.admits(999)).isTrue();
    assertThat(limit.admits(1_000)).isFalse();
  }

  @Test
  void aQueueThatTakesLongerThanTheRunsBringsItDownToTheLeast() {
    ConcurrencyLimit limit = ConcurrencyLimit.starting(10, 1_000);
    for (int i = 0; i < 100; i++) {
      limit = limit.answered(500, 50 * RUN_NS, RUN_NS);
    }
    assertThat(limit.requests()).isEqualTo(10);
  }

  @Test
  void requestsThatWaitForOneRunAreNoQueue() {
    ConcurrencyLimit limit = new ConcurrencyLimit(20, 10, 1_000);
    for (int i = 0; i < 300; i++) {
      limit = limit.answered((int) limit.requests(), 2 * RUN_NS, RUN_NS);
    }
    assertThat(limit.requests()).isEqualTo(1_000);
  }

  @Test
  void aLimitThatIsNotUsedDoesNotGrow() {
    ConcurrencyLimit limit = new ConcurrencyLimit(100, 10, 1_000);
    assertThat(limit.answered(49, RUN_NS, RUN_NS)).isSameAs(limit);
    assertThat(limit.answered(51, RUN_NS, RUN_NS).requests()).isGreaterThan(100);
  }

  @Test
  void settlesWhereThreeRunsAreInFlight() {
    int rows = 64;
    ConcurrencyLimit limit = ConcurrencyLimit.starting(1, 10_000);
    for (int i = 0; i < 1_000; i++) {
      int inFlight = (int) limit.requests();
      limit = limit.answered(inFlight, inFlight * RUN_NS / rows, RUN_NS);
    }
    assertThat(limit.requests()).isBetween(3.0 * rows, 3.5 * rows);
  }

  @Test
  void boundsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> ConcurrencyLimit.starting(0, 5))
        .hasMessage("concurrency: 5.0 of 0 to 5 requests (expected: >= 1, and within the bounds)");
    assertThatThrownBy(() -> new ConcurrencyLimit(6, 1, 5)).hasMessageContaining("6.0 of 1 to 5");
  }
}
