package io.salver.server.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * The integer nearest to {@code mantissa * 2^exponent * 10^power}, ties to even, exactly.
 *
 * <p>In 128 bits where the mantissa times the power of five, or the number itself, has room there;
 * by {@link BigDecimal} elsewhere.
 */
final class DecimalScaling {
  /** 5^55 is the last below 2^128. */
  private static final int MAX_POWER_OF_FIVE = 55;

  private static final long[] HIGH = new long[MAX_POWER_OF_FIVE + 1];
  private static final long[] LOW = new long[MAX_POWER_OF_FIVE + 1];
  private static final int[] BITS = new int[MAX_POWER_OF_FIVE + 1];
  private static final long[] POWERS_OF_TEN = new long[19];

  static {
    BigInteger power = BigInteger.ONE;
    for (int i = 0; i <= MAX_POWER_OF_FIVE; i++) {
      HIGH[i] = power.shiftRight(64).longValue();
      LOW[i] = power.longValue();
      BITS[i] = power.bitLength();
      power = power.multiply(BigInteger.valueOf(5));
    }
    POWERS_OF_TEN[0] = 1;
    for (int i = 1; i < POWERS_OF_TEN.length; i++) {
      POWERS_OF_TEN[i] = 10 * POWERS_OF_TEN[i - 1];
    }
  }

  private DecimalScaling() {}

  /** 10^n, for n from 0 to 18. */
  static long powerOfTen(int n) {
    return POWERS_OF_TEN[n];
  }

  /**
   * Scales and rounds.
   *
   * @param mantissa more than 0
   * @param power such that the result is below 2^63
   */
  static long scale(long mantissa, int exponent, int power) {
    int mantissaBits = 64 - Long.numberOfLeadingZeros(mantissa);
    if (power < 0) {
      return -power < POWERS_OF_TEN.length && exponent >= 0 && mantissaBits + exponent < 64
          ? divide(mantissa << exponent, POWERS_OF_TEN[-power])
          : scaleSlowly(mantissa, exponent, power);
    }
    if (power > MAX_POWER_OF_FIVE || mantissaBits + BITS[power] > 128) {
      return scaleSlowly(mantissa, exponent, power);
    }
    long low = mantissa * LOW[power];
    long high = Math.unsignedMultiplyHigh(mantissa, LOW[power]) + mantissa * HIGH[power];
    int shift = exponent + power;
    return shift >= 0 ? low << shift : shiftRight(high, low, -shift);
  }

  private static long divide(long value, long divisor) {
    long quotient = value / divisor;
    long twiceRest = 2 * (value - quotient * divisor);
    boolean up = twiceRest > divisor || (twiceRest == divisor && (quotient & 1) != 0);
    return up ? quotient + 1 : quotient;
  }

  /** The 128-bit number divided by 2^count, count from 1 to 127; the quotient is below 2^63. */
  private static long shiftRight(long high, long low, int count) {
    long quotient;
    long rest;
    boolean restBelow;
    if (count < 64) {
      quotient = high << (64 - count) | low >>> count;
      rest = low << (64 - count);
      restBelow = false;
    } else if (count == 64) {
      quotient = high;
      rest = low;
      restBelow = false;
    } else {
      quotient = high >>> (count - 64);
      rest = high << (128 - count);
      restBelow = low != 0;
    }
    // The rest's first bit is worth a half.
    boolean moreThanHalf = rest < 0 && (rest << 1 != 0 || restBelow);
    boolean tieUp = rest < 0 && (quotient & 1) != 0;
    return moreThanHalf || tieUp ? quotient + 1 : quotient;
  }

  private static long scaleSlowly(long mantissa, int exponent, int power) {
    BigInteger digits = BigInteger.valueOf(mantissa);
    BigDecimal value =
        exponent >= 0
            ? new BigDecimal(digits.shiftLeft(exponent))
            : new BigDecimal(digits.multiply(BigInteger.valueOf(5).pow(-exponent)), -exponent);
    return value.scaleByPowerOfTen(power).setScale(0, RoundingMode.HALF_EVEN).longValueExact();
  }
}
