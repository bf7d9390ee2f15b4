package io.salver.server.json;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Takes a JSON number apart, and makes it a double. Not thread-safe.
 *
 * <p>The methods speak of the number that {@link #scan} found last.
 */
final class NumberScanner {
  private static final int MAX_DIGITS = 19;
  private static final int EXPONENT_LIMIT = 1_000_000;
  private static final long[] POWERS = powers();

  private int end;
  private @Nullable String error;
  private boolean isInteger;
  private boolean isNegative;
  private long digits;
  private int exponent;
  private boolean truncated;
  private byte[] text = new byte[0];
  private int start;

  /** Where the number ends, or where it stopped being one. */
  int end() {
    return end;
  }

  /** What is wrong with what is no number. */
  @Nullable String error() {
    return error;
  }

  /** Whether it has neither fraction nor exponent, and its absolute value is below 2^64. */
  boolean isInteger() {
    return isInteger;
  }

  boolean isNegative() {
    return isNegative;
  }

  /** Unsigned: the absolute value of an integer, else the first 19 significant digits. */
  long digits() {
    return digits;
  }

  private static long[] powers() {
    long[] powers = new long[MAX_DIGITS];
    powers[0] = 1;
    for (int i = 1; i < powers.length; i++) {
      powers[i] = 10 * powers[i - 1];
    }
    return powers;
  }

  /**
   * Scans the number at {@code from}.
   *
   * @return whether there is one; if not, {@link #error} says why and {@link #end} where
   */
  @SuppressWarnings("ReferenceEquality") // Spares a write barrier where it is the same array.
  boolean scan(byte[] source, int from, int limit) {
    if (source != text) {
      text = source;
    }
    start = from;
    truncated = false;
    int p = from;
    isNegative = source[p] == '-';
    if (isNegative) {
      p++;
    }
    int first = p;
    p = scanWhole(source, first, limit);
    if (p == first) {
      return fail("Invalid value.", p);
    }
    exponent = 0;
    isInteger = true;
    int count = source[first] == '0' ? 0 : p - first;
    if (p < limit && source[p] == '.') {
      int fraction = p + 1;
      p = scanFraction(source, fraction, limit);
      if (p == fraction) {
        return fail("Miss fraction part in number.", p);
      }
      exponent = fraction - p;
      count += p - fraction;
      isInteger = false;
    }
    int digitsEnd = p;
    if (p < limit && (source[p] | 0x20) == 'e') {
      p = scanExponent(source, p + 1, limit);
      if (p < 0) {
        return false;
      }
      isInteger = false;
    }
    end = p;
    if (count > MAX_DIGITS) {
      rescan(first, digitsEnd);
    }
    return true;
  }

  private boolean fail(String what, int where) {
    error = what;
    end = where;
    return false;
  }

  /** Sets the digits to those in front of a point; a zero is followed by no other. */
  private int scanWhole(byte[] source, int from, int limit) {
    int p = from;
    if (p < limit && source[p] == '0') {
      digits = 0;
      return p + 1;
    }
    if (p + Long.BYTES <= limit) {
      long chunk = Swar.load(source, p);
      int count = Swar.leadingDigits(chunk);
      if (count < Long.BYTES) {
        digits = count == 0 ? 0 : Swar.digitsToLong(chunk, count);
        return p + count;
      }
    }
    long value = 0;
    int digit;
    while (p < limit && (digit = source[p] - '0') >= 0 && digit <= 9) {
      value = value * 10 + digit;
      p++;
    }
    digits = value;
    return p;
  }

  private int scanFraction(byte[] source, int from, int limit) {
    int p = from;
    long value = digits;
    while (p + Long.BYTES <= limit) {
      long chunk = Swar.load(source, p);
      int count = Swar.leadingDigits(chunk);
      if (count > 0) {
        value = value * POWERS[count] + Swar.digitsToLong(chunk, count);
        p += count;
      }
      if (count < Long.BYTES) {
        digits = value;
        return p;
      }
    }
    int digit;
    while (p < limit && (digit = source[p] - '0') >= 0 && digit <= 9) {
      value = value * 10 + digit;
      p++;
    }
    digits = value;
    return p;
  }

  private int scanExponent(byte[] source, int from, int limit) {
    int p = from;
    boolean negative = p < limit && source[p] == '-';
    if (negative || (p < limit && source[p] == '+')) {
      p++;
    }
    int first = p;
    int value = 0;
    int digit;
    while (p < limit && (digit = source[p] - '0') >= 0 && digit <= 9) {
      value = Math.min(value * 10 + digit, EXPONENT_LIMIT);
      p++;
    }
    if (p == first) {
      fail("Miss exponent in number.", p);
      return -1;
    }
    exponent += negative ? -value : value;
    return p;
  }

  /** Takes the digits anew where there are too many of them: only the first significant ones. */
  private void rescan(int first, int digitsEnd) {
    int p = first;
    while (p < digitsEnd && (text[p] == '0' || text[p] == '.')) {
      p++;
    }
    long value = 0;
    int count = 0;
    int dropped = 0;
    for (; p < digitsEnd; p++) {
      if (text[p] == '.') {
        continue;
      }
      if (count < MAX_DIGITS) {
        value = value * 10 + (text[p] - '0');
        count++;
      } else {
        dropped++;
      }
    }
    digits = value;
    if (dropped > 0) {
      dropDigits(dropped, digitsEnd);
    }
  }

  private void dropDigits(int dropped, int digitsEnd) {
    int last = text[digitsEnd - 1] - '0';
    if (isInteger && dropped == 1 && fitsWith(last)) {
      digits = digits * 10 + last;
      return;
    }
    isInteger = false;
    truncated = true;
    exponent += dropped;
  }

  /** Whether the digits and one more are below 2^64. */
  private boolean fitsWith(int lastDigit) {
    long tenth = Long.divideUnsigned(-1L, 10);
    int order = Long.compareUnsigned(digits, tenth);
    return order < 0 || (order == 0 && lastDigit <= 5);
  }

  /** The nearest double, infinite if there is no finite one. */
  double toDouble() {
    double value = DecimalToDouble.convert(digits, exponent);
    if (truncated && value != DecimalToDouble.convert(digits + 1, exponent)) {
      value = DecimalToDouble.UNDECIDED;
    }
    if (Double.isNaN(value)) {
      return Double.parseDouble(string());
    }
    return isNegative ? -value : value;
  }

  /**
   * The nearest float.
   *
   * @param value {@link #toDouble}, whose nearest float it is unless that lies between two floats
   */
  float toFloat(double value) {
    boolean between =
        (Double.doubleToRawLongBits(value) & PlainFloats.LOW_BITS) == PlainFloats.MIDDLE;
    boolean subnormal = Math.abs(value) < Float.MIN_NORMAL;
    return between || (subnormal && value != 0) ? Float.parseFloat(string()) : (float) value;
  }

  private String string() {
    return new String(text, start, end - start, StandardCharsets.ISO_8859_1);
  }

  /** Whether it is too large for a double. */
  boolean isTooLarge() {
    return exponent > 200 && Double.isInfinite(toDouble());
  }
}
