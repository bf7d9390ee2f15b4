package io.salver.server.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumberScannerTest {
  private static final long SEED = 4711;

  private final NumberScanner scanner = new NumberScanner();
  private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "-0.0",
        "1",
        "0.1",
        "123456789012345678",
        "9007199254740993",
        "9007199254740992.99999999999999999999",
        "9007199254740993.00000000000000000001",
        "18446744073709551615",
        "18446744073709551616",
        "123456789012345678901234567890",
        "1e22",
        "1e23",
        "8.5e-45",
        "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1.7976931348623157e308",
        "1e-400",
        "0e999999999999",
        "0.000000000000000000000000000000000000001",
        "1000000000000000000000000000000000000000e-39",
        "6.631236846766476e-316",
        "3.237883913302901e-319",
        "5e-20",
        "67e14",
        "985e15",
        "7693e-42",
        "9214843084008499",
        "0.500000000000000166533453693773481063544750213623046875",
        "3.518437208883201171875e13",
        "62.5364939768271845828",
        "8.10109172351e-10",
        "1.50000000000000011102230246251565",
      })
  void knownHardCasesAreTheNearestDouble(String text) {
    assertThat(scan(text)).isTrue();
    assertThat(scanner.toDouble()).isEqualTo(Double.parseDouble(text));
    assertThat(scanner.end()).isEqualTo(text.length());
  }

  @Test
  void shortestFormsOfRandomDoublesComeBack() {
    for (int i = 0; i < 300_000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(value)) {
        checkDouble(Double.toString(value).replace('E', 'e'));
      }
    }
  }

  @Test
  void randomDecimalsAreTheNearestDouble() {
    for (int i = 0; i < 300_000; i++) {
      String digits = Long.toUnsignedString(random.nextLong() >>> random.nextInt(64));
      int point = random.nextInt(digits.length() + 1);
      String whole = point == 0 ? "0" : digits.substring(0, point);
      String fraction = digits.substring(point);
      String zeros = "0".repeat(random.nextInt(4) == 0 ? random.nextInt(30) : 0);
      String exponent = random.nextBoolean() ? "" : "e" + random.nextInt(-330, 300);
      String text = whole + (fraction.isEmpty() ? "" : "." + zeros + fraction) + exponent;
      if (!text.startsWith("0") || text.length() == 1 || text.charAt(1) == '.') {
        checkDouble(text);
      }
    }
  }

  /** The decimal expansions of the points between two doubles, and their neighbours. */
  @Test
  void numbersAtAndBesideHalfwayPointsAreRoundedToEven() {
    for (int i = 0; i < 3_000; i++) {
      double low = Math.abs(Double.longBitsToDouble(random.nextLong()));
      if (!Double.isFinite(low) || Math.getExponent(low) < -1000 || low > 1e300) {
        continue;
      }
      BigDecimal half =
          new BigDecimal(low).add(new BigDecimal(Math.nextUp(low))).divide(BigDecimal.valueOf(2));
      BigDecimal little = half.ulp();
      checkDouble(half.toString().replace('E', 'e'));
      checkDouble(half.add(little).toString().replace('E', 'e'));
      checkDouble(half.subtract(little).toString().replace('E', 'e'));
      checkDouble(half.round(new MathContext(19)).toString().replace('E', 'e'));
    }
  }

  private void checkDouble(String text) {
    assertThat(scan(text)).as("seed %d, %s", SEED, text).isTrue();
    double actual = scanner.toDouble();
    if (actual != Double.parseDouble(text)) {
      assertThat(actual).as("seed %d, %s", SEED, text).isEqualTo(Double.parseDouble(text));
    }
  }

  @Test
  void powersOfFiveAreTheLeadingBits() {
    for (int q = PowersOfFive.MIN_EXPONENT; q <= PowersOfFive.MAX_EXPONENT; q++) {
      BigInteger power = BigInteger.valueOf(5).pow(Math.abs(q));
      BigInteger actual =
          unsigned(PowersOfFive.high(q)).shiftLeft(64).add(unsigned(PowersOfFive.low(q)));
      assertThat(actual.bitLength()).isEqualTo(128);
      if (q >= 0) {
        BigInteger exact = power.shiftLeft(400).shiftRight(400 + power.bitLength() - 128);
        assertThat(actual).isEqualTo(exact);
      } else {
        // actual / 2^(127 + bits) is just above 1 / power.
        int shift = 127 + power.bitLength();
        assertThat(actual.multiply(power)).isGreaterThan(BigInteger.ONE.shiftLeft(shift));
        assertThat(actual.subtract(BigInteger.ONE).multiply(power))
            .isLessThanOrEqualTo(BigInteger.ONE.shiftLeft(shift));
      }
    }
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }

  @ParameterizedTest
  @CsvSource({
    "0, true, 0",
    "7, true, 7",
    "-12, true, 12",
    "12345678, true, 12345678",
    "123456789, true, 123456789",
    "9223372036854775808, true, 9223372036854775808",
    "18446744073709551615, true, 18446744073709551615",
    "18446744073709551616, false, 1844674407370955161",
    "99999999999999999999, false, 9999999999999999999",
    "1.0, false, 10",
    "1e0, false, 1",
  })
  void integersAreToldFromOtherNumbers(String text, boolean integer, String digits) {
    assertThat(scan(text)).isTrue();
    assertThat(scanner.isInteger()).isEqualTo(integer);
    assertThat(Long.toUnsignedString(scanner.digits())).isEqualTo(digits);
    assertThat(scanner.isNegative()).isEqualTo(text.startsWith("-"));
  }

  @ParameterizedTest
  @CsvSource({
    "-, Invalid value., 1",
    "+1, Invalid value., 0",
    ".5, Invalid value., 0",
    "abc, Invalid value., 0",
    "-x, Invalid value., 1",
    "1., Miss fraction part in number., 2",
    "1.e5, Miss fraction part in number., 2",
    "12.x, Miss fraction part in number., 3",
    "1e, Miss exponent in number., 2",
    "1e+, Miss exponent in number., 3",
    "1e-x, Miss exponent in number., 3",
  })
  void whatIsNoNumberIsRefusedWhereItStopsBeingOne(String text, String error, int offset) {
    assertThat(scan(text)).isFalse();
    assertThat(scanner.error()).isEqualTo(error);
    assertThat(scanner.end()).isEqualTo(offset);
  }

  @ParameterizedTest
  @CsvSource({"01, 1", "-012, 2", "1.5.5, 3", "1e5e5, 3", "12], 2", "0x10, 1"})
  void aNumberEndsAtTheFirstByteThatCannotBelongToIt(String text, int end) {
    assertThat(scan(text)).isTrue();
    assertThat(scanner.end()).isEqualTo(end);
  }

  @Test
  void digitsBehindTheLimitAreNotRead() {
    byte[] text = "1234567890123456".getBytes(StandardCharsets.US_ASCII);
    assertThat(scanner.scan(text, 0, 3)).isTrue();
    assertThat(scanner.digits()).isEqualTo(123);
    assertThat(scanner.scan("0.1234567890".getBytes(StandardCharsets.US_ASCII), 0, 4)).isTrue();
    assertThat(scanner.toDouble()).isEqualTo(0.12);
  }

  @Test
  void aNumberOfAMillionDigitsIsRead() {
    String text = "0." + "3".repeat(1_000_000);
    assertThat(scan(text)).isTrue();
    assertThat(scanner.toDouble()).isEqualTo(1.0 / 3);
    assertThat(scan("1" + "0".repeat(1_000_000))).isTrue();
    assertThat(scanner.isTooLarge()).isTrue();
  }

  private boolean scan(String text) {
    // Bytes behind the text must not matter.
    byte[] bytes = (text + "999999999").getBytes(StandardCharsets.US_ASCII);
    return scanner.scan(bytes, 0, text.length());
  }
}
