package io.salver.server.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.predict.ServingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {
  private final JsonReader reader = new JsonReader();

  @Test
  void membersAndElementsAreReadInOrder() {
    reset(" { \"a\" : [ 1 , 2.5 ] , \"b\":true, \"c\":{} , \"d\" : [] } rest");
    assertThat(reader.firstMember()).isTrue();
    assertThat(reader.string()).isEqualTo("a");
    assertThat(reader.firstElement()).isTrue();
    assertThat(reader.readDouble()).isEqualTo(1);
    assertThat(reader.nextElement()).isTrue();
    assertThat(reader.readDouble()).isEqualTo(2.5);
    assertThat(reader.nextElement()).isFalse();
    assertThat(reader.nextMember()).isTrue();
    assertThat(reader.keyIs(new byte[] {'b'})).isTrue();
    assertThat(reader.readBoolean()).isTrue();
    assertThat(reader.nextMember()).isTrue();
    assertThat(reader.firstMember()).isFalse();
    assertThat(reader.nextMember()).isTrue();
    assertThat(reader.firstElement()).isFalse();
    assertThat(reader.nextMember()).isFalse();
    assertThat(reader.peek()).isEqualTo('r');
  }

  @Test
  void aByteOrderMarkIsSkipped() {
    reset("\uFEFF[1]");
    assertThat(reader.firstElement()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NaN | NaN",
        "-NaN | NaN",
        "Infinity | Infinity",
        "-Infinity | -Infinity",
        "Inf | Infinity",
        "-Inf | -Infinity",
        "1.5 | 1.5",
        "-3 | -3",
        "1e-400 | 0",
      })
  void numbersAreReadAsDoubles(String text, double expected) {
    reset(text + " ");
    assertThat(Double.valueOf(reader.readDouble())).isEqualTo(Double.valueOf(expected));
    assertThat(reader.position()).isEqualTo(text.length());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      delimiter = '|',
      value = {
        "\"plain text that is longer than eight\" | plain text that is longer than eight",
        "\"\" | ~~",
        "\"a\\\"b\\\\c\\/d\" | a\"b\\c/d",
        "\"\\u0041\\u00e9\\u20AC\" | A\u00e9\u20ac",
        "\"\\ud83d\\ude00!\" | \ud83d\ude00!",
        "\"\u00e9\u20ac\ud83d\ude00\" | \u00e9\u20ac\ud83d\ude00",
        "\"12345678\\n\" | ~12345678\n~",
      })
  void stringsAreUnescaped(String json, String expected) {
    reset(json);
    reader.readString();
    assertThat(reader.string()).isEqualTo(expected);
    assertThat(reader.peek()).isEqualTo(-1);
  }

  @Test
  void everyControlEscapeIsKnown() {
    reset("\"\\b\\f\\n\\r\\t\"");
    reader.readString();
    assertThat(reader.string()).isEqualTo("\b\f\n\r\t");
  }

  @Test
  void everyCodePointSurvivesItsEscape() {
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint += 37) {
      if (codePoint >= 0xD800 && codePoint <= 0xDFFF) {
        continue;
      }
      StringBuilder json = new StringBuilder("\"");
      for (char unit : Character.toChars(codePoint)) {
        json.append(String.format("\\u%04X", (int) unit));
      }
      reset(json.append('"').toString());
      reader.readString();
      assertThat(reader.string()).isEqualTo(Character.toString(codePoint));
    }
  }

  @Test
  void bytesThatAreNotUtf8PassThrough() {
    byte[] text = {'"', (byte) 0xFF, (byte) 0xC0, (byte) 0x80, '"'};
    reader.reset(text, text.length);
    reader.readString();
    int from = reader.stringOffset();
    assertThat(Arrays.copyOfRange(reader.stringArray(), from, from + reader.stringLength()))
        .containsExactly(0xFF, 0xC0, 0x80);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      delimiter = '|',
      value = {
        "\"abc | Missing a closing quotation mark in string. | 4",
        "\"abcdefghijkl | Missing a closing quotation mark in string. | 13",
        "\"a\\x\" | Invalid escape character in string. | 2",
        "\"a\\ | Invalid escape character in string. | 2",
        "\"\\u12 | Incorrect hex digit after \\u escape in string. | 1",
        "\"\\u12G4\" | Incorrect hex digit after \\u escape in string. | 1",
        "\"\\ud800\" | The surrogate pair in string is invalid. | 1",
        "\"\\ud800\\u0041\" | The surrogate pair in string is invalid. | 1",
        "\"\\udc00\" | The surrogate pair in string is invalid. | 1",
        "\"\\ud800\\uXXXX\" | Incorrect hex digit after \\u escape in string. | 1",
        "~\"a\tb\"~ | Invalid encoding in string. | 2",
        "~\"\\n\tb\"~ | Invalid encoding in string. | 3",
      })
  void brokenStringsAreRefused(String json, String message, int offset) {
    reset(json);
    assertError(reader::readString, message, offset);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      delimiter = '|',
      value = {
        "[1 2] | Missing a comma or ']' after an array element. | 3",
        "[1,] | Invalid value. | 3",
        "[ | Invalid value. | 1",
        "[1 | Missing a comma or ']' after an array element. | 2",
        "[01] | Missing a comma or ']' after an array element. | 2",
        "{ | Missing a name for object member. | 1",
        "{a:1} | Missing a name for object member. | 1",
        "{\"a\" 1} | Missing a colon after a name of object member. | 5",
        "{\"a\":} | Invalid value. | 5",
        "{\"a\":1 \"b\":2} | Missing a comma or '}' after an object member. | 7",
        "{\"a\":1,} | Missing a name for object member. | 7",
        "{\"a\":1] | Missing a comma or '}' after an object member. | 6",
        "[nul] | Invalid value. | 4",
        "[truE] | Invalid value. | 4",
        "[fals | Invalid value. | 5",
        "[Nan] | Invalid value. | 3",
        "[Infinit] | Invalid value. | 8",
        "[-] | Invalid value. | 2",
        "[1.] | Miss fraction part in number. | 3",
        "[1e] | Miss exponent in number. | 3",
        "[1e309] | Number too big to be stored in double. | 1",
        "[-2E308] | Number too big to be stored in double. | 1",
        "[+1] | Invalid value. | 1",
        "['a'] | Invalid value. | 1",
        "] | Invalid value. | 0",
        "~~ | Invalid value. | 0",
      })
  void skippingChecksTheGrammar(String json, String message, int offset) {
    reset(json);
    assertError(reader::skipValue, message, offset);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":[1,2,{\"b\":null}],\"c\":\"x\\n\"}",
        "[[[]],[{}],{},[]]",
        "[NaN,Infinity,-Infinity,-NaN,Inf,true,false,null,-1.5e-3,\"\"]",
        "12345678901234567890123456789",
        "\"string\"",
      })
  void skippingStopsBehindTheValue(String json) {
    reset(json + "}");
    reader.skipValue();
    assertThat(reader.position()).isEqualTo(json.length());
  }

  @Test
  void deepNestingIsSkippedWithoutRecursion() {
    int depth = 500_000;
    String json = "[{\"a\":".repeat(depth) + "1" + "}]".repeat(depth);
    reset(json + " ");
    reader.skipValue();
    assertThat(reader.position()).isEqualTo(json.length());
    reset("[".repeat(depth));
    assertError(reader::skipValue, "Invalid value.", depth);
  }

  @Test
  void shownTextIsCutAt256Bytes() {
    reset("  [" + "1,".repeat(1000) + "1]");
    assertThat(reader.debug(0)).hasSize(256).startsWith("[1,1,1");
    assertThat(reader.position()).isZero();
    reset("[1] x");
    assertThat(reader.debug(0)).isEqualTo("[1]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"b64\":1}",
        "{\"b64\":\"\",\"x\":1}",
        "{\"b6\":\"\"}",
        "[\"b64\"]",
        "{\"b64\" \"\"}",
        "{1}",
        "1",
      })
  void whatIsNoBase64ObjectIsLeftAlone(String json) {
    reset(json);
    assertThat(reader.tryReadBase64()).isFalse();
    assertThat(reader.position()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "aGVsbG8= | hello",
        "aGVsbG8 | hello",
        "d29ybGQ= | world",
        "YWJj | abc",
        "YWJjZA== | abcd",
        "YW\\nJj ZA== | abcd",
        "YWJjZA == | abcd",
        "'' | ''",
      })
  void base64IsDecoded(String base64, String expected) {
    reset("{\"b64\": \"" + base64 + "\"}");
    assertThat(reader.tryReadBase64()).isTrue();
    assertThat(reader.decodeBase64()).isTrue();
    assertThat(reader.string()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "abc=d", "ab=", "abcd=", "ab!d", "abcde", "ab===", "\u00e9abc"})
  void whatIsNotBase64IsToldSo(String base64) {
    reset("{\"b64\": \"" + base64 + "\"}");
    assertThat(reader.tryReadBase64()).isTrue();
    assertThat(reader.decodeBase64()).isFalse();
  }

  private void reset(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    reader.reset(bytes, bytes.length);
  }

  private static void assertError(Runnable action, String message, int offset) {
    assertThatThrownBy(action::run)
        .isInstanceOf(ServingException.class)
        .hasMessage("JSON Parse error: " + message + " at offset: " + offset);
  }
}
