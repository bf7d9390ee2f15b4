package io.salver.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.EngineOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LifecycleOptionsTest {
  @Test
  void defaultsAreAsDocumented() {
    assertThat(LifecycleOptions.DEFAULT)
        .isEqualTo(
            new LifecycleOptions(
                SwapPolicy.AVAILABILITY_PRESERVING,
                2,
                1,
                5,
                Duration.ofSeconds(60),
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                Long.MAX_VALUE,
                false,
                EngineOptions.DEFAULT,
                new OnDemandOptions(1_000, Duration.ofMinutes(1), false)));
  }

  @Test
  void eachValueCanBeChangedByItself() {
    LifecycleOptions changed =
        LifecycleOptions.DEFAULT
            .withSwap(SwapPolicy.RESOURCE_PRESERVING)
            .withThreads(3, 4)
            .withRetries(6, Duration.ofSeconds(7))
            .withFileWatching(Duration.ofSeconds(8), Duration.ofSeconds(9))
            .withMemoryBudgetBytes(10)
            .withLabelsForUnavailable(true)
            .withEngine(new EngineOptions(11, 12))
            .withOnDemand(new OnDemandOptions(13, Duration.ofSeconds(14), true));
    assertThat(changed)
        .isEqualTo(
            new LifecycleOptions(
                SwapPolicy.RESOURCE_PRESERVING,
                3,
                4,
                6,
                Duration.ofSeconds(7),
                Duration.ofSeconds(8),
                Duration.ofSeconds(9),
                10,
                true,
                new EngineOptions(11, 12),
                new OnDemandOptions(13, Duration.ofSeconds(14), true)));
  }

  @Test
  void valuesThatMakeNoSenseAreRefusedWithTheExpectation() {
    LifecycleOptions options = LifecycleOptions.DEFAULT;
    assertThatThrownBy(() -> options.withThreads(0, 1))
        .hasMessage("load threads: 0 (expected: >= 1)");
    assertThatThrownBy(() -> options.withThreads(1, 0))
        .hasMessage("unload threads: 0 (expected: >= 1)");
    assertThatThrownBy(() -> options.withRetries(-1, Duration.ZERO))
        .hasMessage("max_num_load_retries: -1 (expected: >= 0)");
    assertThatThrownBy(() -> options.withRetries(0, Duration.ofMillis(-1)))
        .hasMessage("load retry interval, in ms: -1 (expected: >= 0)");
    assertThatThrownBy(() -> options.withFileWatching(Duration.ofMillis(-1), Duration.ofDays(1)))
        .hasMessage("quiet period, in ms: -1 (expected: >= 0)");
    assertThatThrownBy(() -> options.withFileWatching(Duration.ZERO, Duration.ZERO))
        .hasMessage("inspection interval, in ms: 0 (expected: >= 1)");
    assertThatThrownBy(() -> options.withMemoryBudgetBytes(0))
        .hasMessage("memory budget, in bytes: 0 (expected: >= 1)");
    assertThatThrownBy(() -> new OnDemandOptions(0, Duration.ZERO, false))
        .hasMessage("on demand: 0 waiting for PT0S (expected: >= 1, > 0)");
  }
}
