package io.salver.server.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecimalWriterTest {
  private static final long SEED = 20261122;

  private final byte[] buffer = new byte[64];

  @ParameterizedTest
  @CsvSource({
    "9000000, 9e+06",
    "999999, 999999.0",
    "1000000, 1e+06",
    "0.5, 0.5",
    "0.0003, 0.0003",
    "0.00003, 3e-05",
    "555557.5, 555557.5",
    "5555575, 5555575.0",
    "16777216, 16777216.0",
    "123456789, 123456792.0",
    "1234567890, 1.23456794e+09",
    "0.2, 0.2",
    "0.1234567, 0.123456702",
    "0.33333334, 0.333333343",
    "3, 3.0",
    "-2.5, -2.5",
    "100, 100.0",
    "1e-45, 1.4013e-45",
    "3.4028235e38, 3.40282347e+38",
    "1.17549435e-38, 1.17549435e-38",
    "0, 0.0",
    "-0.0, -0.0",
    "NaN, NaN",
    "Infinity, Infinity",
    "-Infinity, -Infinity",
  })
  void floatsAreWrittenAsTensorFlowServingWritesThem(String value, String expected) {
    assertThat(text(Float.parseFloat(value))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "0.1, 0.1",
    "0.30000000000000004, 0.30000000000000004",
    "1e300, 1e+300",
    "1e-300, 1e-300",
    "123456.7, 123456.7",
    "1234567.8, 1234567.8",
    "4.9e-324, 4.94066e-324",
    "1.7976931348623157e308, 1.7976931348623157e+308",
    "9007199254740993, 9007199254740992.0",
    "1e17, 1e+17",
    "123456789012345678, 1.2345678901234568e+17",
    "0.00012345678901234567, 0.00012345678901234567",
    "NaN, NaN",
    "-Infinity, -Infinity",
  })
  void doublesAreWrittenAsTensorFlowServingWritesThem(String value, String expected) {
    String written = text(Double.parseDouble(value));
    assertThat(written).isEqualTo(oracle(Double.parseDouble(value), 17, false));
    assertThat(written).isEqualTo(expected);
  }

  @Test
  void randomFloatsAgreeWithPrintf() {
    RandomGenerator random = random();
    for (int i = 0; i < 1_000_000; i++) {
      check(Float.intBitsToFloat(random.nextInt()));
    }
  }

  @Test
  void floatsOfTheUsualSizesAgreeWithPrintf() {
    RandomGenerator random = random();
    for (int i = 0; i < 300_000; i++) {
      check(random.nextFloat());
      check((float) random.nextGaussian() * 1000);
      check(random.nextInt(2_000_000) - 1_000_000);
      check((float) (random.nextInt(1_000_000) / Math.pow(10, random.nextInt(12))));
    }
  }

  @Test
  void floatsBesidePowersAgreeWithPrintf() {
    for (int exponent = -46; exponent <= 39; exponent++) {
      checkAround(Float.parseFloat("1e" + exponent));
      checkAround(Float.parseFloat("9.999995e" + exponent));
      checkAround(Float.parseFloat("9.99999995e" + exponent));
    }
    for (int exponent = -149; exponent <= 127; exponent++) {
      checkAround(Math.scalb(1f, exponent));
    }
  }

  /** Numbers that are exactly between two decimals of nine digits. */
  @Test
  void halfwayFloatsAreRoundedToEven() {
    for (int i = 1 << 23; i < 1 << 24; i += 97) {
      check(Math.scalb((float) i, -14));
      check(Math.scalb((float) i, -20));
      check(Math.scalb((float) i, 9));
      check(Math.scalb((float) i, 12));
    }
  }

  @Test
  void smallAndSubnormalFloatsAgreeWithPrintf() {
    RandomGenerator random = random();
    for (int i = 1; i < 20_000; i++) {
      check(Float.intBitsToFloat(i));
      check(Float.intBitsToFloat(random.nextInt(1 << 23)));
    }
  }

  @Test
  void randomDoublesAgreeWithPrintf() {
    RandomGenerator random = random();
    for (int i = 0; i < 30_000; i++) {
      check(Double.longBitsToDouble(random.nextLong()));
      check(Double.longBitsToDouble(random.nextLong() & 0x000FFFFFFFFFFFFFL));
      check(random.nextDouble());
      check(random.nextGaussian() * 1e6);
      check(random.nextInt(1_000_000) / Math.pow(10, random.nextInt(12)));
      check((double) random.nextLong());
    }
  }

  @Test
  void doublesBesidePowersAgreeWithPrintf() {
    for (int exponent = -323; exponent <= 308; exponent++) {
      checkAround(Double.parseDouble("1e" + exponent));
      checkAround(Double.parseDouble("9.999995e" + exponent));
    }
    for (int exponent = -1074; exponent <= 1023; exponent++) {
      checkAround(Math.scalb(1.0, exponent));
    }
  }

  private static RandomGenerator random() {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
  }

  private void checkAround(float value) {
    check(value);
    check(Math.nextUp(value));
    check(Math.nextDown(value));
  }

  private void checkAround(double value) {
    check(value);
    check(Math.nextUp(value));
    check(Math.nextDown(value));
  }

  private void check(float value) {
    String expected = oracle(value, 9, true);
    if (!text(value).equals(expected)) {
      assertThat(text(value))
          .as("seed %d, float bits %08x", SEED, Float.floatToRawIntBits(value))
          .isEqualTo(expected);
    }
  }

  private void check(double value) {
    String expected = oracle(value, 17, false);
    if (!text(value).equals(expected)) {
      assertThat(text(value))
          .as("seed %d, double bits %016x", SEED, Double.doubleToRawLongBits(value))
          .isEqualTo(expected);
    }
  }

  private String text(float value) {
    int end = DecimalWriter.write(value, buffer, 0);
    assertThat(end).isLessThanOrEqualTo(DecimalWriter.MAX_BYTES);
    return new String(buffer, 0, end, StandardCharsets.US_ASCII);
  }

  private String text(double value) {
    int end = DecimalWriter.write(value, buffer, 0);
    assertThat(end).isLessThanOrEqualTo(DecimalWriter.MAX_BYTES);
    return new String(buffer, 0, end, StandardCharsets.US_ASCII);
  }

  /** What TensorFlow Serving writes, by printf's rules on the exact value. */
  static String oracle(double value, int precision, boolean isFloat) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value < 0 ? "-Infinity" : "Infinity";
    }
    String text = percentG(value, 6);
    boolean same =
        isFloat ? Float.parseFloat(text) == (float) value : Double.parseDouble(text) == value;
    if (!same) {
      text = percentG(value, precision);
    }
    return text.contains(".") || text.contains("e") ? text : text + ".0";
  }

  private static String percentG(double value, int precision) {
    if (value == 0) {
      return Double.doubleToRawLongBits(value) < 0 ? "-0" : "0";
    }
    BigDecimal rounded =
        new BigDecimal(value).round(new MathContext(precision, RoundingMode.HALF_EVEN));
    int exponent = rounded.precision() - rounded.scale() - 1;
    BigDecimal stripped = rounded.stripTrailingZeros();
    if (exponent >= -4 && exponent < precision) {
      return stripped.toPlainString();
    }
    String digits = stripped.unscaledValue().abs().toString();
    return (value < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + String.format("e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
  }
}
