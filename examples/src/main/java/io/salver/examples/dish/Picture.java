package io.salver.examples.dish;

/**
 * A square picture.
 *
 * @param values red of every pixel, row by row, then green, then blue, each from 0 to 1; never
 *     written after the picture is made
 */
@SuppressWarnings("ArrayRecordComponent")
public record Picture(Dish dish, int side, double[] values) {
  /** Red, green and blue. */
  public static final int CHANNELS = 3;

  /** Bytes from 0 to 255: red, green and blue of each pixel, row by row. */
  public byte[] toBytes() {
    byte[] bytes = new byte[values.length];
    int pixels = side * side;
    for (int i = 0; i < pixels; i++) {
      for (int channel = 0; channel < CHANNELS; channel++) {
        bytes[CHANNELS * i + channel] = (byte) Math.round(255 * values[channel * pixels + i]);
      }
    }
    return bytes;
  }
}
