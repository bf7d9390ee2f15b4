package io.salver.server.json;

/** The two 16-bit floating-point types, as their bits. */
final class HalfFloats {
  private HalfFloats() {}

  /** The FLOAT16 nearest to a double, ties to even. */
  static short toFloat16(double value) {
    return Float.floatToFloat16(roundToOdd(value));
  }

  /** The BFLOAT16 nearest to a double, ties to even. */
  static short toBfloat16(double value) {
    int bits = Float.floatToRawIntBits(roundToOdd(value));
    if (Double.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    int tieBreaker = bits >>> 16 & 1;
    return (short) ((bits + 0x7FFF + tieBreaker) >>> 16);
  }

  /** A BFLOAT16's value. */
  static float fromBfloat16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /**
   * A float on the way to a shorter type: exact, or else the neighbour whose last bit is 1, so that
   * rounding it once more gives what rounding the double at once would.
   */
  private static float roundToOdd(double value) {
    float nearest = (float) value;
    int bits = Float.floatToRawIntBits(nearest);
    if (nearest == value || Double.isNaN(value) || (bits & 1) != 0) {
      return nearest;
    }
    return Float.intBitsToFloat(Math.abs((double) nearest) > Math.abs(value) ? bits - 1 : bits + 1);
  }
}
