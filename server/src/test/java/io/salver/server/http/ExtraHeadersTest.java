package io.salver.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExtraHeadersTest {
  private static final AsciiString NAME = AsciiString.of("salver-model");

  private static AsciiString latin(String text) {
    return new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1), false);
  }

  @Test
  void keepsTheirOrderAndMoreThanTheUsual() {
    ExtraHeaders headers = new ExtraHeaders();
    for (int i = 0; i < 20; i++) {
      headers.add(AsciiString.of("x-" + i), AsciiString.of("v" + i));
    }
    assertThat(headers.count()).isEqualTo(20);
    assertThat(headers.name(17).toString()).isEqualTo("x-17");
    assertThat(headers.value(17).toString()).isEqualTo("v17");
    assertThat(headers.after(NAME, latin("m"))).hasSize(42).startsWith(NAME, latin("m"));
    assertThat(headers.contains(AsciiString.of("x-19"))).isTrue();
    assertThat(headers.contains(AsciiString.of("x-20"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "m", "détection ~"})
  void takesWhatIsPrintable(String value) {
    ExtraHeaders headers = new ExtraHeaders();
    headers.add(NAME, latin(value));
    assertThat(headers.value(0).toString()).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nset-cookie: b", "a\nb", "\0", "\u007f", "\t"})
  void refusesWhatEndsALineOrIsNotPrintable(String value) {
    ExtraHeaders headers = new ExtraHeaders();
    assertThatThrownBy(() -> headers.add(NAME, latin(value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("header salver-model: ")
        .hasMessageContaining("(expected: printable characters)");
  }
}
