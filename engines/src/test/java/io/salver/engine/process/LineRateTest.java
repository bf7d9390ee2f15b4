package io.salver.engine.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LineRateTest {
  private static final long SECOND_NS = 1_000_000_000;

  private static int allowed(LineRate rate, long nowNs, int lines) {
    int count = 0;
    for (int i = 0; i < lines; i++) {
      count += rate.allows(nowNs) ? 1 : 0;
    }
    return count;
  }

  @Test
  void aBurstIsLetThroughAndThenSoManyInASecond() {
    for (long start : new long[] {0, Long.MAX_VALUE - SECOND_NS, Long.MIN_VALUE, -SECOND_NS}) {
      LineRate rate = new LineRate(10, 50);
      assertThat(allowed(rate, start, 1_000)).isEqualTo(50);
      assertThat(allowed(rate, start + SECOND_NS / 10, 1_000)).isEqualTo(1);
      assertThat(allowed(rate, start + 3 * SECOND_NS, 1_000)).isEqualTo(29);
      assertThat(allowed(rate, start + 60 * SECOND_NS, 1_000)).isEqualTo(50);
    }
  }
}
