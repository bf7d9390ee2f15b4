package io.salver.engine.tflite;

/**
 * How a tensor's integers stand for real numbers: {@code (integer - zeroPoint) * scale}, the same
 * for the whole tensor.
 */
record Quantisation(float scale, int zeroPoint) {
  /**
   * The nearest integer to {@code real}, halves away from zero, within the type's bounds; for what
   * is no number that of 0.
   */
  int quantise(float real, int least, int most) {
    if (Float.isNaN(real)) {
      return zeroPoint;
    }
    float scaled = real / scale;
    double rounded = Math.copySign(Math.floor(Math.abs((double) scaled) + 0.5), scaled);
    return (int) Math.clamp(rounded + zeroPoint, least, most);
  }

  float dequantise(int integer) {
    return scale * (integer - zeroPoint);
  }
}
