package io.salver.server.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";
  private static final String PARENT = "00-" + TRACE + "-" + SPAN + "-01";

  @Test
  void aParentIsReadWithItsState() {
    assertThat(TraceContext.parse(PARENT, "rojo=1,congo=2"))
        .isEqualTo(new TraceContext(TRACE, SPAN, "01", "rojo=1,congo=2"));
    assertThat(TraceContext.parse(PARENT, null)).isEqualTo(new TraceContext(TRACE, SPAN, "01", ""));
    assertThat(TraceContext.parse(PARENT, "x".repeat(513)).state()).isEmpty();
    assertThat(TraceContext.parse(null, "rojo=1")).isNull();
  }

  @Test
  void aLaterVersionMaySayMore() {
    assertThat(TraceContext.parse("cc" + PARENT.substring(2) + "-more", null).traceId())
        .isEqualTo(TRACE);
    assertThat(TraceContext.parse("cc" + PARENT.substring(2), null)).isNotNull();
    assertThat(TraceContext.parse("cc" + PARENT.substring(2) + ".more", null)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",
        "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      })
  void whatIsNoParentIsAsIfThereWereNone(String parent) {
    assertThat(TraceContext.parse(parent, "a=b")).isNull();
  }

  @Test
  void theCallerDecidesAndElseChance() {
    TraceContext sampled = TraceContext.parse(PARENT, null);
    TraceContext not = TraceContext.parse(PARENT.substring(0, 53) + "02", null);
    assertThat(new TraceSampler(0, () -> 0).samples(sampled)).isTrue();
    assertThat(new TraceSampler(1, () -> 0).samples(not)).isFalse();
    assertThat(new TraceSampler(0.25, () -> 0.2).samples(null)).isTrue();
    assertThat(new TraceSampler(0.25, () -> 0.25).samples(null)).isFalse();
    assertThat(new TraceSampler(0, () -> 0).samples(null)).isFalse();
    assertThatThrownBy(() -> new TraceSampler(1.1))
        .hasMessage("sampling ratio: 1.1 (expected: 0 to 1)");
  }
}
