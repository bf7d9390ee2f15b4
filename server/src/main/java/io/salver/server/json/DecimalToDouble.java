package io.salver.server.json;

/**
 * The double nearest to {@code digits * 10^exponent}.
 *
 * <p>Small cases are one exact multiplication or division (W. Clinger, "How to read floating point
 * numbers accurately", 1990). Most others are decided by 128 bits of the power of five (D. Lemire,
 * "Number parsing at a gigabyte per second", 2021). What that cannot decide for certain, and
 * results at the ends of the range, are {@link #UNDECIDED}.
 */
final class DecimalToDouble {
  /** Neither a result nor a sign of one: ask a slower method. */
  static final double UNDECIDED = Double.NaN;

  private static final int MAX_EXACT_POWER = 22;
  private static final double[] EXACT_POWERS = exactPowers();
  private static final int MANTISSA_BITS = 52;
  private static final int BIAS = 1023;

  private DecimalToDouble() {}

  private static double[] exactPowers() {
    double[] powers = new double[MAX_EXACT_POWER + 1];
    powers[0] = 1;
    for (int i = 1; i < powers.length; i++) {
      powers[i] = powers[i - 1] * 10;
    }
    return powers;
  }

  /**
   * The nearest double, ties to even.
   *
   * @param digits unsigned
   * @return not negative; {@link #UNDECIDED} if it cannot be told here
   */
  static double convert(long digits, int exponent) {
    if (digits >>> 53 == 0 && exponent >= -MAX_EXACT_POWER && exponent <= MAX_EXACT_POWER) {
      return exponent < 0 ? digits / EXACT_POWERS[-exponent] : digits * EXACT_POWERS[exponent];
    }
    if (digits == 0) {
      return 0;
    }
    if (exponent < PowersOfFive.MIN_EXPONENT || exponent > PowersOfFive.MAX_EXPONENT) {
      return UNDECIDED;
    }
    return byPowerOfFive(digits, exponent);
  }

  private static double byPowerOfFive(long digits, int exponent) {
    int shift = Long.numberOfLeadingZeros(digits);
    long normalized = digits << shift;
    long powerHigh = PowersOfFive.high(exponent);
    long high = Math.unsignedMultiplyHigh(normalized, powerHigh);
    long low = normalized * powerHigh;
    if ((high & 0x1FF) == 0x1FF) {
      // The bits that decide the rounding may still change: take the power's other word in.
      long carry = Math.unsignedMultiplyHigh(normalized, PowersOfFive.low(exponent));
      low += carry;
      if (Long.compareUnsigned(low, carry) < 0) {
        high++;
      }
      if (low == -1) {
        return UNDECIDED;
      }
    }
    int upper = (int) (high >>> 63);
    int binaryExponent = ((217706 * exponent) >> 16) + 63 + upper - shift + BIAS;
    if (binaryExponent <= 0 || binaryExponent >= 2 * BIAS) {
      return UNDECIDED;
    }
    return round(high, low, upper, binaryExponent, exponent);
  }

  private static double round(long high, long low, int upper, int binaryExponent, int exponent) {
    int dropped = upper + 64 - MANTISSA_BITS - 3;
    long mantissa = high >>> dropped;
    boolean mayBeTie = Long.compareUnsigned(low, 1) <= 0 && exponent >= -4 && exponent <= 23;
    if (mayBeTie && (mantissa & 3) == 1 && mantissa << dropped == high) {
      mantissa &= ~1L;
    }
    mantissa = (mantissa + (mantissa & 1)) >>> 1;
    // A carry into bit 53 raises the exponent, as it should, by the addition below.
    return Double.longBitsToDouble(
        ((long) binaryExponent << MANTISSA_BITS) + mantissa - (1L << MANTISSA_BITS));
  }
}
