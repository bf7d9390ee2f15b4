package io.salver.engine.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private final Backoff backoff =
      new Backoff(Duration.ofMillis(200), Duration.ofSeconds(30), Duration.ofSeconds(10));

  @Test
  void theFirstRestartIsAtOnceAndLaterOnesWaitTwiceAsLongUpToALimit() {
    assertThat(backoff.delay(0)).isZero();
    assertThat(backoff.delay(1)).isZero();
    assertThat(backoff.delay(2)).hasMillis(200);
    assertThat(backoff.delay(3)).hasMillis(400);
    assertThat(backoff.delay(9)).hasMillis(25_600);
    assertThat(backoff.delay(10)).hasSeconds(30);
    assertThat(backoff.delay(Integer.MAX_VALUE)).hasSeconds(30);
  }

  @Test
  void aWorkerThatWasUpForLongHasNotFailedInARow() {
    assertThat(backoff.failures(7, Duration.ofSeconds(9).toNanos())).isEqualTo(8);
    assertThat(backoff.failures(7, Duration.ofSeconds(10).toNanos())).isEqualTo(1);
  }
}
