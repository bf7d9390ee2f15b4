package io.salver.engine.steps;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/** Small images of random colours, the same each time, in the formats that are sent most. */
final class ExampleImages {
  private static final int IMAGES = 4;
  private static final int SIDE = 8;
  private static final int COLOURS = 1 << 24;

  private ExampleImages() {}

  /**
   * Some images, each another one.
   *
   * @param maxPixels of each, at least 1
   */
  static List<byte[]> make(int maxPixels) {
    int side = Math.clamp((int) Math.sqrt(maxPixels), 1, SIDE);
    List<byte[]> images = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      images.add(encode(draw(side, i), i % 2 == 0 ? "jpeg" : "png"));
    }
    return images;
  }

  private static BufferedImage draw(int side, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        image.setRGB(x, y, random.nextInt(COLOURS));
      }
    }
    return image;
  }

  private static byte[] encode(BufferedImage image, String format) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, format, out);
    } catch (IOException e) {
      throw new AssertionError("the heap has room for an image", e);
    }
    return out.toByteArray();
  }
}
