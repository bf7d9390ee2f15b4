package io.salver.server.json;

import java.math.BigInteger;

/**
 * The 128 leading bits of 5<sup>q</sup>, for {@link DecimalToDouble}; made when they are first
 * needed.
 *
 * <p>Rounded down for q at least 0; for negative q the reciprocal of 5<sup>-q</sup>, rounded up.
 */
final class PowersOfFive {
  static final int MIN_EXPONENT = -342;
  static final int MAX_EXPONENT = 308;

  private static final long[] WORDS = words();

  private PowersOfFive() {}

  static long high(int q) {
    return WORDS[2 * (q - MIN_EXPONENT)];
  }

  static long low(int q) {
    return WORDS[2 * (q - MIN_EXPONENT) + 1];
  }

  private static long[] words() {
    long[] words = new long[2 * (MAX_EXPONENT - MIN_EXPONENT + 1)];
    BigInteger five = BigInteger.valueOf(5);
    BigInteger power = BigInteger.ONE;
    for (int q = 0; q <= -MIN_EXPONENT; q++) {
      if (q <= MAX_EXPONENT) {
        put(words, q, power.shiftLeft(128).shiftRight(power.bitLength()));
      }
      if (q > 0) {
        put(words, -q, reciprocal(power));
      }
      power = power.multiply(five);
    }
    return words;
  }

  private static BigInteger reciprocal(BigInteger power) {
    // 5^q is no power of two, so the quotient lies between 2^127 and 2^128.
    return BigInteger.ONE.shiftLeft(127 + power.bitLength()).divide(power).add(BigInteger.ONE);
  }

  private static void put(long[] words, int q, BigInteger value) {
    words[2 * (q - MIN_EXPONENT)] = value.shiftRight(64).longValue();
    words[2 * (q - MIN_EXPONENT) + 1] = value.longValue();
  }
}
