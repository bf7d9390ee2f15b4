package io.salver.testkit.cases;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;

/** Pictures as networks want them, and what detectors say of them. */
final class Pictures {
  private Pictures() {}

  private static BufferedImage read(Path file) {
    try {
      return ImageIO.read(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The gray values, 0 to 255, row by row. */
  static float[] gray(Path file) {
    BufferedImage image = read(file);
    float[] pixels = new float[image.getWidth() * image.getHeight()];
    for (int i = 0; i < pixels.length; i++) {
      int x = i % image.getWidth();
      int y = i / image.getWidth();
      pixels[i] = image.getRaster().getSample(x, y, 0);
    }
    return pixels;
  }

  /**
   * The colours, one plane after the other, each {@code (value - mean) / scale}.
   *
   * @param order {@code rgb} or {@code bgr}
   * @param means one for each plane, in that order
   */
  static double[] planes(
      Path file, int width, int height, String order, double scale, double... means) {
    BufferedImage image = scaled(read(file), width, height);
    double[] values = new double[3 * width * height];
    for (int plane = 0; plane < 3; plane++) {
      int shift = 8 * (2 - "rgb".indexOf(order.charAt(plane)));
      for (int i = 0; i < width * height; i++) {
        int value = image.getRGB(i % width, i / width) >> shift & 0xff;
        values[plane * width * height + i] = (value - means[plane]) / scale;
      }
    }
    return values;
  }

  /** The red, green and blue values, 0 to 255, pixel by pixel, row by row. */
  static double[] pixels(Path file, int width, int height) {
    BufferedImage image = scaled(read(file), width, height);
    double[] values = new double[3 * width * height];
    for (int i = 0; i < values.length; i++) {
      int pixel = i / 3;
      values[i] = image.getRGB(pixel % width, pixel / width) >> 8 * (2 - i % 3) & 0xff;
    }
    return values;
  }

  /** As {@link #pixels}, for a smaller picture: each pixel the mean of those that it covers. */
  static double[] averagedPixels(Path file, int width, int height) {
    BufferedImage image = read(file);
    double[] values = new double[3 * width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int left = x * image.getWidth() / width;
        int right = (x + 1) * image.getWidth() / width;
        int top = y * image.getHeight() / height;
        int bottom = (y + 1) * image.getHeight() / height;
        int[] block = image.getRGB(left, top, right - left, bottom - top, null, 0, right - left);
        for (int colour = 0; colour < 3; colour++) {
          int shift = 8 * (2 - colour);
          values[(y * width + x) * 3 + colour] =
              Arrays.stream(block).map(rgb -> rgb >> shift & 0xff).average().orElseThrow();
        }
      }
    }
    return values;
  }

  private static BufferedImage scaled(BufferedImage image, int width, int height) {
    BufferedImage scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = scaled.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(image, 0, 0, width, height, null);
    graphics.dispose();
    return scaled;
  }

  /**
   * How many objects a detector sees: boxes whose score is above {@code threshold}, less those that
   * overlap a better one by more than {@code overlap} of their union.
   *
   * @param scores {@code [1, boxes, 2]}, the second of each pair counts
   * @param boxes {@code [1, boxes, 4]}: left, top, right, bottom
   */
  static int countBoxes(TensorData scores, TensorData boxes, double threshold, double overlap) {
    List<Integer> candidates = new ArrayList<>();
    for (int i = 0; i < scores.count() / 2; i++) {
      if (scores.number(2 * i + 1) > threshold) {
        candidates.add(i);
      }
    }
    candidates.sort((a, b) -> Double.compare(scores.number(2 * b + 1), scores.number(2 * a + 1)));
    List<Integer> kept = new ArrayList<>();
    for (int candidate : candidates) {
      if (kept.stream().noneMatch(k -> intersectionOverUnion(boxes, k, candidate) > overlap)) {
        kept.add(candidate);
      }
    }
    return kept.size();
  }

  private static double intersectionOverUnion(TensorData boxes, int a, int b) {
    double width = overlap(boxes, a, b, 0);
    double height = overlap(boxes, a, b, 1);
    double intersection = width * height;
    return intersection / (area(boxes, a) + area(boxes, b) - intersection);
  }

  private static double overlap(TensorData boxes, int a, int b, int axis) {
    double from = Math.max(boxes.number(4 * a + axis), boxes.number(4 * b + axis));
    double to = Math.min(boxes.number(4 * a + axis + 2), boxes.number(4 * b + axis + 2));
    return Math.max(0, to - from);
  }

  private static double area(TensorData boxes, int i) {
    return overlap(boxes, i, i, 0) * overlap(boxes, i, i, 1);
  }
}
