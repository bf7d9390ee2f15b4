package io.salver.server.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.predict.ServingException;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainFloatsTest {
  private static final long SEED = 20261127;
  private static final int CASES = Integer.getInteger("salver.test.decimals", 20_000);

  /** More than may be looked at behind a number; in shorter texts none is read plainly. */
  private static final String SPACE = " ".repeat(40);

  private static final int SHORT_BYTES = 28;

  private final ArenaPool arenas = new ArenaPool(1 << 26);
  private final JsonReader reader = new JsonReader();
  private final JsonTensorReader tensors = new JsonTensorReader(reader);
  private final Random random = new Random(SEED);

  @AfterEach
  void close() {
    arenas.close();
  }

  @Test
  void numbersWithAPointAreTheNearestFloats() {
    check(CASES, () -> digits(1 + random.nextInt(9)) + "." + anyDigits(1 + random.nextInt(19)));
  }

  @Test
  void smallNumbersAreTheNearestFloats() {
    check(CASES, () -> "0." + "0".repeat(random.nextInt(18)) + anyDigits(1 + random.nextInt(9)));
  }

  @Test
  void integersAreTheNearestFloats() {
    check(CASES, () -> digits(1 + random.nextInt(12)));
  }

  @Test
  void floatsAndDoublesAsJavaWritesThemAreTheNearestFloats() {
    check(CASES, () -> String.valueOf(Float.intBitsToFloat(random.nextInt() & 0xBF7FFFFF)));
    check(CASES, () -> String.valueOf((double) random.nextFloat()));
    check(CASES, () -> String.valueOf(random.nextGaussian()));
    check(CASES, () -> String.format(Locale.ROOT, "%.6f", 100 * random.nextGaussian()));
  }

  @Test
  void numbersAtAndBesideTheMiddleOfTwoFloatsAreRoundedToEven() {
    check(
        CASES,
        () -> {
          float low = Math.scalb(1 + random.nextFloat(), random.nextInt(-50, 40));
          BigDecimal middle = new BigDecimal(((double) low + Math.nextUp(low)) / 2);
          RoundingMode rounding = random.nextBoolean() ? RoundingMode.UP : RoundingMode.DOWN;
          int precision = random.nextInt(12) == 0 ? 0 : 7 + random.nextInt(20);
          return middle.round(new MathContext(precision, rounding)).toPlainString();
        });
  }

  /** Decimals so near the middle of two floats that their nearest double is that middle. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "16777217",
        "16777217.0000000000000001",
        "16777216.9999999999999999",
        "16777219.0000000000000001",
        "16777218.9999999999999999",
        "1.00000005960464477539062500001",
        "1.00000017881393432617187499999",
        "7.006492321624085e-46",
        "7.006492321624085354618e-46",
        "7.0064923216240853546186479164495e-46",
        "1.1754942807573642918e-38",
        "3.4028235677973366163753939545814e38",
        "3.40282356779733661637539395458142568448e38",
        "3.4028235677973366163753939545814256844e38"
      })
  void aNumberIsNotRoundedTwice(String text) {
    assertThat(floats("[" + text + ", -" + text + "]" + SPACE))
        .containsExactly(Float.parseFloat(text), -Float.parseFloat(text));
  }

  private void check(int cases, Supplier<String> numbers) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < cases; i++) {
      texts.add((random.nextInt(3) == 0 ? "-" : "") + numbers.get().replaceAll("^-", ""));
    }
    String separator = new String[] {",", ", ", " ,  "}[random.nextInt(3)];
    float[] read = floats("[" + String.join(separator, texts) + "]" + SPACE);
    assertThat(read).hasSize(cases);
    for (int i = 0; i < cases; i++) {
      int expected = Float.floatToRawIntBits(Float.parseFloat(texts.get(i)));
      if (Float.floatToRawIntBits(read[i]) != expected) {
        assertThat(read[i])
            .as("seed %d, %s", SEED, texts.get(i))
            .isEqualTo(Float.intBitsToFloat(expected));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {",", ", ", ",  ", " ,", ",\n"})
  void listsThatFollowEachOtherKeepTheirShape(String comma) {
    StringBuilder json = new StringBuilder("[");
    for (int i = 0; i < 30; i++) {
      json.append(i == 0 ? "[" : comma + "[");
      for (int j = 0; j < 20; j++) {
        String pixel = "[" + i + ".5" + comma + "-" + j + comma + "0.25]";
        json.append(j == 0 ? "" : comma).append(pixel);
      }
      json.append("]");
    }
    try (TensorArena arena = arenas.take()) {
      Tensor tensor = read(json + "]" + SPACE, arena);
      assertThat(tensor.shape().dims()).containsExactly(30, 20, 3);
      for (int i = 0; i < 600; i++) {
        assertThat(tensor.getFloat(3 * i)).isEqualTo(i / 20 + 0.5f);
        assertThat(tensor.getFloat(3 * i + 1)).isEqualTo((float) -(i % 20));
        assertThat(tensor.getFloat(3 * i + 2)).isEqualTo(0.25f);
      }
    }
  }

  /** What can be read plainly and what stands at the end of a text is read by different code. */
  @Test
  void plainReadingChangesNothingWhateverTheText() {
    int accepted = 0;
    for (int i = 0; i < 20 * CASES; i++) {
      String text = random.nextInt(4) == 0 ? garbage() : lists();
      if (text.length() > SHORT_BYTES) {
        continue;
      }
      String oracle = outcome(text + "}");
      String plain = outcome(text + "}" + SPACE);
      if (!plain.equals(oracle)) {
        assertThat(plain).as("seed %d, %s", SEED, text).isEqualTo(oracle);
      }
      accepted += oracle.startsWith("[") ? 1 : 0;
    }
    assertThat(accepted).isGreaterThan(CASES);
  }

  private String garbage() {
    StringBuilder text = new StringBuilder("[");
    for (int n = random.nextInt(SHORT_BYTES); n > 0; n--) {
      text.append("0123456789.,-+eE[]\" N\u00e9".charAt(random.nextInt(22)));
    }
    return text.toString();
  }

  private String lists() {
    String inner = list(random.nextInt(1, 4));
    StringBuilder text = new StringBuilder("[").append(inner);
    while (text.length() < 20 && random.nextInt(5) > 0) {
      text.append(random.nextBoolean() ? "," : ", ").append(list(random.nextInt(1, 4)));
    }
    String whole = text.append("]").toString();
    int at = random.nextInt(whole.length());
    return random.nextInt(3) == 0
        ? whole.substring(0, at) + "0,.]-e[ ".charAt(random.nextInt(8)) + whole.substring(at + 1)
        : whole;
  }

  private String list(int size) {
    List<String> elements = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      elements.add((random.nextInt(4) == 0 ? "-" : "") + shortNumber());
    }
    return "[" + String.join(random.nextBoolean() ? "," : ", ", elements) + "]";
  }

  private String shortNumber() {
    return switch (random.nextInt(6)) {
      case 0 -> "0";
      case 1 -> "1e2";
      case 2 -> "0." + anyDigits(1 + random.nextInt(3));
      default -> digits(1 + random.nextInt(2));
    };
  }

  private String outcome(String text) {
    try (TensorArena arena = arenas.take()) {
      Tensor tensor = read(text, arena);
      return elements(tensor) + " " + tensor.shape() + " to " + reader.position();
    } catch (ServingException e) {
      return e.getMessage().replace(" ", "");
    }
  }

  private float[] floats(String text) {
    try (TensorArena arena = arenas.take()) {
      Tensor tensor = read(text, arena);
      float[] floats = new float[(int) tensor.elementCount()];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = tensor.getFloat(i);
      }
      return floats;
    }
  }

  private static String elements(Tensor tensor) {
    List<Float> floats = new ArrayList<>();
    for (long i = 0; i < tensor.elementCount(); i++) {
      floats.add(tensor.getFloat(i));
    }
    return floats.toString();
  }

  private Tensor read(String text, TensorArena arena) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    reader.reset(bytes, bytes.length);
    tensors.begin(DType.FLOAT32, arena);
    tensors.readValue();
    return tensors.finish();
  }

  /** A number of {@code count} digits that does not begin with 0, or 0. */
  private String digits(int count) {
    return count == 1 ? anyDigits(1) : 1 + random.nextInt(9) + anyDigits(count - 1);
  }

  private String anyDigits(int count) {
    StringBuilder digits = new StringBuilder();
    for (int i = 0; i < count; i++) {
      digits.append((char) ('0' + random.nextInt(10)));
    }
    return digits.toString();
  }
}
