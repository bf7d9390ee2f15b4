package io.salver.examples.dish;

/**
 * Where a network's values are in an array: planes of {@code side} by {@code side}, row by row.
 *
 * @param border how many zeros are around a plane, on each side
 */
record Grid(int channels, int side, int border) {
  /** From a row to the next. */
  int stride() {
    return side + 2 * border;
  }

  /** From a plane to the next; a few cells more than there are, so that a window may run over. */
  int plane() {
    return stride() * stride() + 2 * border;
  }

  int length() {
    return channels * plane();
  }

  int index(int channel, int y, int x) {
    return channel * plane() + (y + border) * stride() + x + border;
  }
}
