package io.salver.engine.steps;

/**
 * A decoded image.
 *
 * @param values red, green and blue of each pixel, 0 to 255, row by row; or brightness alone
 * @param channels 3 or 1
 */
record Pixels(byte[] values, int height, int width, int channels) {
  /** One value, 0 to 255. */
  int value(int y, int x, int channel) {
    return values[(y * width + x) * channels + channel] & 0xff;
  }
}
