package io.salver.engine.steps;

/**
 * Resizes by a triangle filter that is as wide as a pixel of the result, so that nothing of the
 * source is left out where it shrinks; where it grows this is bilinear interpolation. Rows are
 * filtered first, then columns, without rounding between.
 */
final class Resampler {
  /** Which source pixels make a pixel of the result, and with which weights, along one axis. */
  private record Axis(int[] first, float[][] weights) {
    /**
     * An axis.
     *
     * @param from where the part of the source begins that is used, in pixels
     * @param length how long it is
     * @param size of the source
     */
    static Axis of(double from, double length, int size, int outSize) {
      double scale = length / outSize;
      double support = Math.max(scale, 1);
      int[] first = new int[outSize];
      float[][] weights = new float[outSize][];
      for (int i = 0; i < outSize; i++) {
        double center = from + (i + 0.5) * scale;
        int begin = (int) Math.max(0, Math.floor(center - support + 0.5));
        int end = (int) Math.min(size, Math.floor(center + support + 0.5));
        first[i] = Math.min(begin, size - 1);
        weights[i] = weights(center, support, first[i], Math.max(end, first[i] + 1));
      }
      return new Axis(first, weights);
    }

    private static float[] weights(double center, double support, int begin, int end) {
      double[] raw = new double[end - begin];
      double sum = 0;
      for (int i = 0; i < raw.length; i++) {
        raw[i] = Math.max(0, 1 - Math.abs(begin + i + 0.5 - center) / support);
        sum += raw[i];
      }
      float[] weights = new float[raw.length];
      for (int i = 0; i < raw.length; i++) {
        weights[i] = (float) (sum == 0 ? 1.0 / raw.length : raw[i] / sum);
      }
      return weights;
    }
  }

  /** The part of a source that is used, in pixels. */
  record Part(double y, double x, double height, double width) {}

  private Resampler() {}

  /**
   * Resizes a part of an image.
   *
   * @return {@code height * width * source.channels()} values between 0 and 255, row by row
   */
  static float[] resize(Pixels source, Part part, int height, int width) {
    Axis rows = Axis.of(part.y(), part.height(), source.height(), height);
    Axis columns = Axis.of(part.x(), part.width(), source.width(), width);
    int channels = source.channels();
    int firstRow = rows.first()[0];
    int lastRow = rows.first()[height - 1] + rows.weights()[height - 1].length;
    int stride = width * channels;
    float[] narrow = new float[(lastRow - firstRow) * stride];
    for (int y = firstRow; y < lastRow; y++) {
      filterRow(source, y, columns, narrow, (y - firstRow) * stride);
    }
    float[] out = new float[height * stride];
    for (int y = 0; y < height; y++) {
      float[] weights = rows.weights()[y];
      for (int k = 0; k < weights.length; k++) {
        addRow(
            narrow, (rows.first()[y] - firstRow + k) * stride, weights[k], out, y * stride, stride);
      }
    }
    return out;
  }

  private static void filterRow(Pixels source, int y, Axis columns, float[] out, int at) {
    int channels = source.channels();
    byte[] values = source.values();
    int row = y * source.width() * channels;
    for (int x = 0; x < columns.first().length; x++) {
      float[] weights = columns.weights()[x];
      int from = row + columns.first()[x] * channels;
      for (int c = 0; c < channels; c++) {
        float sum = 0;
        for (int k = 0; k < weights.length; k++) {
          sum += weights[k] * (values[from + k * channels + c] & 0xff);
        }
        out[at + x * channels + c] = sum;
      }
    }
  }

  private static void addRow(
      float[] from, int fromAt, float weight, float[] to, int toAt, int length) {
    for (int i = 0; i < length; i++) {
      to[toAt + i] += weight * from[fromAt + i];
    }
  }
}
