package io.salver.engine.steps;

import java.awt.image.BufferedImage;

/**
 * The oracle: each pixel from its definition, in two dimensions at once, without anything shared.
 */
final class SimpleResize {
  private SimpleResize() {}

  static double[] resize(BufferedImage image, StepSpec.Resize resize, int height, int width) {
    double scaleY = (double) image.getHeight() / height;
    double scaleX = (double) image.getWidth() / width;
    double fromY = 0;
    double fromX = 0;
    int usedHeight = height;
    int usedWidth = width;
    if (resize == StepSpec.Resize.CROP) {
      double scale = Math.min(scaleY, scaleX);
      fromY = (image.getHeight() - scale * height) / 2;
      fromX = (image.getWidth() - scale * width) / 2;
      scaleY = scale;
      scaleX = scale;
    } else if (resize == StepSpec.Resize.PAD) {
      double scale = Math.max(scaleY, scaleX);
      usedHeight = (int) Math.max(1, Math.round(image.getHeight() / scale));
      usedWidth = (int) Math.max(1, Math.round(image.getWidth() / scale));
      scaleY = (double) image.getHeight() / usedHeight;
      scaleX = (double) image.getWidth() / usedWidth;
    }
    double[] out = new double[height * width * 3];
    for (int y = 0; y < usedHeight; y++) {
      for (int x = 0; x < usedWidth; x++) {
        double centerY = fromY + (y + 0.5) * scaleY;
        double centerX = fromX + (x + 0.5) * scaleX;
        for (int c = 0; c < 3; c++) {
          out[(y * width + x) * 3 + c] =
              mean(image, c, centerY, Math.max(scaleY, 1), centerX, Math.max(scaleX, 1));
        }
      }
    }
    return out;
  }

  private static double mean(
      BufferedImage image, int c, double centerY, double reachY, double centerX, double reachX) {
    double sum = 0;
    double weights = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        double weight =
            Math.max(0, 1 - Math.abs(y + 0.5 - centerY) / reachY)
                * Math.max(0, 1 - Math.abs(x + 0.5 - centerX) / reachX);
        sum += weight * image.getRaster().getSample(x, y, c);
        weights += weight;
      }
    }
    return sum / weights;
  }
}
