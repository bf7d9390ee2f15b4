package io.salver.server.json;

/**
 * Writes floating-point numbers as TensorFlow Serving does: as C's {@code printf} with {@code %.6g}
 * if that, read back, gives the same number, else with {@code %.9g} for a float and {@code %.17g}
 * for a double; and {@code .0} behind it if there is neither a point nor an exponent. {@code NaN},
 * {@code Infinity} and {@code -Infinity} as these words.
 *
 * <p>The first 9 or 17 digits are found by one exact scaling ({@link DecimalScaling}). Whether 6
 * would do is seen from these: a decimal of 6 digits that reads back as a normal number is within
 * half a unit in its last place, far closer than the next such decimal, so it is those digits
 * rounded, and they say at once when it is too far away. Subnormal numbers have too few bits for
 * that and are scaled to 6 digits by themselves.
 */
final class DecimalWriter {
  /** The most bytes that one number takes. */
  static final int MAX_BYTES = 26;

  private static final int SHORT_DIGITS = 6;
  private static final int FLOAT_DIGITS = 9;
  private static final int DOUBLE_DIGITS = 17;

  /** Half a unit in the last place of a normal number, in units of its 9th or 17th digit. */
  private static final int FLOAT_TOLERANCE = 61;

  private static final int DOUBLE_TOLERANCE = 12;

  private static final byte[] NAN = {'N', 'a', 'N'};
  private static final byte[] INFINITY = {'I', 'n', 'f', 'i', 'n', 'i', 't', 'y'};
  private static final byte[] ZERO = {'0', '.', '0'};
  private static final byte[] PAIRS = pairs();

  private DecimalWriter() {}

  private static byte[] pairs() {
    byte[] pairs = new byte[200];
    for (int i = 0; i < 100; i++) {
      pairs[2 * i] = (byte) ('0' + i / 10);
      pairs[2 * i + 1] = (byte) ('0' + i % 10);
    }
    return pairs;
  }

  /** Writes {@code value} to {@code out} from {@code at}; returns where it ends. */
  static int write(float value, byte[] out, int at) {
    if (!Float.isFinite(value) || value == 0) {
      return writeSpecial(value, out, at);
    }
    int bits = Float.floatToRawIntBits(value);
    int biased = bits >>> 23 & 0xFF;
    long fraction = bits & 0x7FFFFF;
    int start = sign(bits < 0, out, at);
    double absolute = Math.abs((double) value);
    return biased == 0
        ? writeSubnormal(fraction, -149, FLOAT_DIGITS, absolute, out, start)
        : writeNormal(fraction | 1 << 23, biased - 150, FLOAT_DIGITS, absolute, out, start);
  }

  /** Writes {@code value} to {@code out} from {@code at}; returns where it ends. */
  static int write(double value, byte[] out, int at) {
    if (!Double.isFinite(value) || value == 0) {
      return writeSpecial(value, out, at);
    }
    long bits = Double.doubleToRawLongBits(value);
    int biased = (int) (bits >>> 52) & 0x7FF;
    long fraction = bits & (1L << 52) - 1;
    int start = sign(bits < 0, out, at);
    double absolute = Math.abs(value);
    return biased == 0
        ? writeSubnormal(fraction, -1074, DOUBLE_DIGITS, absolute, out, start)
        : writeNormal(fraction | 1L << 52, biased - 1075, DOUBLE_DIGITS, absolute, out, start);
  }

  private static int sign(boolean negative, byte[] out, int at) {
    if (negative) {
      out[at] = '-';
      return at + 1;
    }
    return at;
  }

  private static int writeSpecial(double value, byte[] out, int at) {
    if (Double.isNaN(value)) {
      return writeWord(NAN, out, at);
    }
    int start = sign(Double.doubleToRawLongBits(value) < 0, out, at);
    return writeWord(value == 0 ? ZERO : INFINITY, out, start);
  }

  private static int writeWord(byte[] word, byte[] out, int at) {
    System.arraycopy(word, 0, out, at, word.length);
    return at + word.length;
  }

  private static int writeNormal(
      long mantissa, int exponent, int precision, double value, byte[] out, int at) {
    int point = estimate(mantissa, exponent);
    long digits = DecimalScaling.scale(mantissa, exponent, precision - 1 - point);
    while (digits >= DecimalScaling.powerOfTen(precision)) {
      point++;
      digits = DecimalScaling.scale(mantissa, exponent, precision - 1 - point);
    }
    long unit = DecimalScaling.powerOfTen(precision - SHORT_DIGITS);
    long rounded = (digits + unit / 2) / unit;
    int tolerance = precision == FLOAT_DIGITS ? FLOAT_TOLERANCE : DOUBLE_TOLERANCE;
    if (Math.abs(digits - rounded * unit) <= tolerance
        && readsBack(rounded, point - SHORT_DIGITS + 1, precision, value)) {
      return writeShort(rounded, point, out, at);
    }
    return writeDigits(digits, precision, point, out, at);
  }

  private static int writeSubnormal(
      long mantissa, int exponent, int precision, double value, byte[] out, int at) {
    int point = firstDigit(mantissa, exponent, SHORT_DIGITS);
    long rounded = DecimalScaling.scale(mantissa, exponent, SHORT_DIGITS - 1 - point);
    if (readsBack(rounded, point - SHORT_DIGITS + 1, precision, value)) {
      return writeDigits(rounded, SHORT_DIGITS, point, out, at);
    }
    point = firstDigit(mantissa, exponent, precision);
    long digits = DecimalScaling.scale(mantissa, exponent, precision - 1 - point);
    return writeDigits(digits, precision, point, out, at);
  }

  /** The exponent of the first digit of the number rounded to {@code count} digits. */
  private static int firstDigit(long mantissa, int exponent, int count) {
    int point = estimate(mantissa, exponent);
    while (DecimalScaling.scale(mantissa, exponent, count - 1 - point)
        >= DecimalScaling.powerOfTen(count)) {
      point++;
    }
    return point;
  }

  /** The exponent of the first decimal digit of the power of two just below: right, or 1 less. */
  private static int estimate(long mantissa, int exponent) {
    int top = 63 - Long.numberOfLeadingZeros(mantissa) + exponent;
    // floor(log10(2) * top), by the first 41 bits of log10(2).
    return (int) ((top * 661971961083L) >> 41);
  }

  /** Whether {@code digits * 10^exponent}, read as a float or a double, is {@code value}. */
  private static boolean readsBack(long digits, int exponent, int precision, double value) {
    double read = DecimalToDouble.convert(digits, exponent);
    boolean isFloat = precision == FLOAT_DIGITS;
    boolean mayBeTie = isFloat && (Double.doubleToRawLongBits(read) & 0x1FFFFFFF) == 0x10000000;
    if (Double.isNaN(read) || mayBeTie) {
      String decimal = digits + "e" + exponent;
      return isFloat ? Float.parseFloat(decimal) == value : Double.parseDouble(decimal) == value;
    }
    return isFloat ? (float) read == value : read == value;
  }

  private static int writeShort(long rounded, int point, byte[] out, int at) {
    return rounded == 1_000_000
        ? writeDigits(100_000, SHORT_DIGITS, point + 1, out, at)
        : writeDigits(rounded, SHORT_DIGITS, point, out, at);
  }

  /**
   * Writes as {@code %g} does.
   *
   * @param digits as many as {@code precision} says
   * @param point the exponent of the first digit
   */
  private static int writeDigits(long digits, int precision, int point, byte[] out, int at) {
    long significant = digits;
    int count = precision;
    while (significant % 10 == 0) {
      significant /= 10;
      count--;
    }
    if (point < -4 || point >= precision) {
      return writeScientific(significant, count, point, out, at);
    }
    if (point < 0) {
      out[at] = '0';
      out[at + 1] = '.';
      int p = at + 2;
      for (int i = -1; i > point; i--) {
        out[p++] = '0';
      }
      return writePadded(significant, count, out, p);
    }
    return writeFixed(significant, count, point, out, at);
  }

  private static int writeFixed(long digits, int count, int point, byte[] out, int at) {
    int decimals = count - point - 1;
    if (decimals <= 0) {
      long whole = digits * DecimalScaling.powerOfTen(-decimals);
      int p = writePadded(whole, point + 1, out, at);
      out[p] = '.';
      out[p + 1] = '0';
      return p + 2;
    }
    long unit = DecimalScaling.powerOfTen(decimals);
    long whole = digits / unit;
    int p = writePadded(whole, point + 1, out, at);
    out[p] = '.';
    return writePadded(digits - whole * unit, decimals, out, p + 1);
  }

  private static int writeScientific(long digits, int count, int point, byte[] out, int at) {
    int p = at;
    if (count == 1) {
      out[p++] = (byte) ('0' + digits);
    } else {
      long unit = DecimalScaling.powerOfTen(count - 1);
      long first = digits / unit;
      out[p] = (byte) ('0' + first);
      out[p + 1] = '.';
      p = writePadded(digits - first * unit, count - 1, out, p + 2);
    }
    out[p] = 'e';
    out[p + 1] = (byte) (point < 0 ? '-' : '+');
    int absolute = Math.abs(point);
    return writePadded(absolute, absolute < 100 ? 2 : 3, out, p + 2);
  }

  /** Writes exactly {@code count} digits, zeros in front if need be. */
  static int writePadded(long value, int count, byte[] out, int at) {
    long rest = value;
    int p = at + count;
    while (p >= at + 2) {
      long hundreds = rest / 100;
      int pair = 2 * (int) (rest - hundreds * 100);
      out[--p] = PAIRS[pair + 1];
      out[--p] = PAIRS[pair];
      rest = hundreds;
    }
    if (p > at) {
      out[at] = (byte) ('0' + rest);
    }
    return at + count;
  }
}
