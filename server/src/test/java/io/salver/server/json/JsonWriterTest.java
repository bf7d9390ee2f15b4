package io.salver.server.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonWriterTest {
  private static final long SEED = 99;

  private final JsonWriter out = new JsonWriter();

  @ParameterizedTest
  @ValueSource(
      longs = {
        0,
        1,
        -1,
        9,
        10,
        99,
        100,
        123456789,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -10,
        1000000000000L
      })
  void integersAreWritten(long value) {
    assertThat(text(out.value(value))).isEqualTo(Long.toString(value));
    assertThat(text(out.clear().unsigned(value))).isEqualTo(Long.toUnsignedString(value));
  }

  @Test
  void powersOfTenAreWritten() {
    for (int n = 0; n <= 18; n++) {
      long power = DecimalScaling.powerOfTen(n);
      assertThat(text(out.clear().value(power))).isEqualTo("1" + "0".repeat(n));
      assertThat(text(out.clear().value(power - 1))).isEqualTo(n == 0 ? "0" : "9".repeat(n));
    }
  }

  @Test
  void stringsAreEscapedAsRapidJsonDoes() {
    out.string("a\"b\\c/d\b\f\n\r\t\u0001\u001f\u007f\u00e9\ud83d\ude00");
    assertThat(text(out))
        .isEqualTo("\"a\\\"b\\\\c/d\\b\\f\\n\\r\\t\\u0001\\u001F\u007f\u00e9\ud83d\ude00\"");
  }

  @Test
  void randomStringsComeBackThroughTheReader() {
    SplittableRandom random = new SplittableRandom(SEED);
    JsonReader reader = new JsonReader();
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      out.clear().string(MemorySegment.ofArray(bytes));
      reader.reset(out.array(), out.size());
      reader.readString();
      byte[] read = new byte[reader.stringLength()];
      System.arraycopy(reader.stringArray(), reader.stringOffset(), read, 0, read.length);
      assertThat(read).as("seed %d, string %d", SEED, i).isEqualTo(bytes);
    }
  }

  @Test
  void base64IsTheStandardOne() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int length = 0; length < 200; length++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      out.clear().base64(MemorySegment.ofArray(bytes));
      assertThat(text(out))
          .isEqualTo("{\"b64\": \"" + Base64.getEncoder().encodeToString(bytes) + "\"}");
    }
  }

  @Test
  void theArrayGrowsAndIsLetGoOfWhenItIsLarge() {
    String large = "x".repeat(3 << 20);
    out.raw('[').raw(large).raw(']');
    assertThat(out.size()).isEqualTo(large.length() + 2);
    assertThat(text(out)).startsWith("[xxx").endsWith("xxx]");
    assertThat(out.clear().array().length).isLessThan(1 << 20);
    assertThat(text(out.value(true).raw(',').value(false))).isEqualTo("true,false");
  }

  private static String text(JsonWriter writer) {
    return new String(writer.array(), 0, writer.size(), StandardCharsets.UTF_8);
  }
}
