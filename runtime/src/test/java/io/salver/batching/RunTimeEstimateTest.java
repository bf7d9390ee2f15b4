package io.salver.batching;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RunTimeEstimateTest {
  @Test
  void nothingIsKnownBeforeARun() {
    assertThat(new RunTimeEstimate().expectNs(100)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aLargerRequestIsExpectedToCostAsMuchMoreAsItIsLarger() {
    RunTimeEstimate estimate = new RunTimeEstimate();
    estimate.add(16, 1_000);
    assertThat(estimate.expectNs(16)).isEqualTo(1_000);
    assertThat(estimate.expectNs(16 << 10)).isEqualTo(1_000 << 10);
    assertThat(estimate.expectNs(1)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void theAverageFollowsWhatRunsTake() {
    RunTimeEstimate estimate = new RunTimeEstimate();
    estimate.add(16, 1_000_000);
    for (int i = 0; i < 100; i++) {
      estimate.add(16, 5_000);
    }
    assertThat(estimate.expectNs(16)).isBetween(4_900L, 5_100L);
  }

  @Test
  void hugeSizesDoNotOverflow() {
    RunTimeEstimate estimate = new RunTimeEstimate();
    estimate.add(1, Long.MAX_VALUE / 2);
    assertThat(estimate.expectNs(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
  }
}
