package io.salver.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextMessageTest {
  @Test
  void fieldsComeInTheirOrderHoweverTheyAreWritten() {
    TextMessage message =
        TextMessage.parse(
            """
            # a comment
            name: "small" 'er'; max: -1.5e3, kind: KIND_CPU
            dims: [ 1, 2 ] dims: 3
            input [ { name: "a" }, { name: "b" } ]
            input: < name: "c\\t\\"d" >
            [ext.field]: 1
            empty { }
            """,
            100);
    assertThat(message.value("name")).contains("smaller");
    assertThat(message.value("max")).contains("-1.5e3");
    assertThat(message.value("kind")).contains("KIND_CPU");
    assertThat(message.values("dims")).containsExactly("1", "2", "3");
    assertThat(message.messages("input"))
        .extracting(input -> input.value("name").orElseThrow())
        .containsExactly("a", "b", "c\t\"d");
    assertThat(message.message("empty").orElseThrow().isEmpty()).isTrue();
    assertThat(message.value("nothing")).isEmpty();
    assertThat(message.message("name")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '^',
      value = {
        "a { b: 1, line 1: the end",
        "a, line 1: the end",
        "a:, line 1: the end",
        "^a: 1\nb: \"x^, line 2: a string without an end",
        "a: [1 2], line 1: '2' in the list of a",
        "a: }, line 1: '}'",
        "a: \"\\q\", line 1: \\q in a string",
        "}, line 1: '}'"
      })
  void whatIsNoMessageIsRefusedWithItsLine(String text, String reason) {
    assertThatThrownBy(() -> TextMessage.parse(text, 100))
        .isInstanceOf(WireFormatException.class)
        .hasMessageStartingWith(reason);
  }

  @Test
  void depthAndNumberOfFieldsAreLimited() {
    assertThatThrownBy(() -> TextMessage.parse("a {".repeat(100_000), 1_000_000))
        .isInstanceOf(WireFormatException.class)
        .hasMessageContaining("within each other (expected: at most 32)");
    assertThatThrownBy(() -> TextMessage.parse("a: 1 ".repeat(11), 10))
        .isInstanceOf(WireFormatException.class)
        .hasMessageContaining("fields (expected: at most 10)");
  }
}
