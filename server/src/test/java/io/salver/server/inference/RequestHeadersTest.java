package io.salver.server.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.predict.ServingException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadersTest {
  @ParameterizedTest
  @CsvSource({",,30000", "20,,20", ",20,20", "20,10,10", "10,20,10", "60000,,30000", "0,0,30000"})
  void theShortestTimeoutThatAnyoneSaysHolds(
      @Nullable String own, @Nullable String envoy, long expectedMs) {
    assertThat(RequestHeaders.timeoutNs(own, envoy, Duration.ofSeconds(30)))
        .isEqualTo(expectedMs * 1_000_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5", "10ms", "+1", "1234567890", " 1"})
  void whatIsNotANumberIsRefused(String value) {
    assertThatThrownBy(() -> RequestHeaders.timeoutNs(value, null, Duration.ofSeconds(30)))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining(
            "x-request-timeout-ms: \"" + value + "\" (expected: a number of at most 9 digits)");
    assertThatThrownBy(() -> RequestHeaders.priority(value))
        .hasMessageContaining("salver-priority: \"" + value + "\"");
  }

  @Test
  void aPriorityIsItsNumberAndNoneIsTheDefault() {
    assertThat(RequestHeaders.priority("3")).isEqualTo(3);
    assertThat(RequestHeaders.priority(null)).isZero();
  }
}
