package io.salver.engine.steps;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.SampleModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes images with the JDK's own readers. Colours are as they are stored: no profile and no
 * gamma is applied, transparency is dropped, and an orientation that a camera noted is not looked
 * at, as the usual training pipelines do it.
 */
final class ImageDecoder {
  private static final Set<String> FORMATS = Set.of("jpeg", "png", "bmp", "gif");

  private ImageDecoder() {}

  /**
   * The first image in {@code encoded}.
   *
   * @param maxPixels more are refused before memory is taken for them
   * @throws IOException if it is none of the formats, broken, or too large
   */
  static Pixels decode(byte[] encoded, int maxPixels) throws IOException {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw unknown();
      }
      ImageReader reader = readers.next();
      try {
        return decode(reader, in, maxPixels);
      } catch (RuntimeException e) {
        // What the readers do with some broken files.
        throw new IOException("broken: " + e, e);
      } finally {
        reader.dispose();
      }
    }
  }

  private static IOException unknown() {
    return new IOException("unknown format (expected: JPEG, PNG, BMP or GIF)");
  }

  private static Pixels decode(ImageReader reader, ImageInputStream in, int maxPixels)
      throws IOException {
    if (!FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
      throw unknown();
    }
    reader.setInput(in, true, true);
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    if (width < 1 || height < 1 || (long) width * height > maxPixels) {
      throw new IOException(
          width + " x " + height + " pixels (expected: at least 1, and at most " + maxPixels + ")");
    }
    return pixels(reader.read(0));
  }

  private static Pixels pixels(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    if (image.getColorModel() instanceof IndexColorModel palette) {
      return paletted(image.getRaster(), palette);
    }
    Raster raster = image.getRaster();
    int bands = raster.getNumBands();
    int channels = bands >= 3 ? 3 : 1;
    byte[] values = new byte[Math.multiplyExact(width * height, channels)];
    int[] row = new int[width * bands];
    int[] largest = largest(raster.getSampleModel(), channels);
    int at = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          values[at++] = (byte) ((long) row[x * bands + c] * 255 / largest[c]);
        }
      }
    }
    return new Pixels(values, height, width, channels);
  }

  /** The largest value of each channel: 255 for most images, 31 or 65,535 for some. */
  private static int[] largest(SampleModel samples, int channels) {
    int[] largest = new int[channels];
    for (int c = 0; c < channels; c++) {
      largest[c] = (1 << samples.getSampleSize(c)) - 1;
    }
    return largest;
  }

  private static Pixels paletted(Raster raster, IndexColorModel palette) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    byte[] values = new byte[Math.multiplyExact(width * height, 3)];
    int[] row = new int[width];
    int at = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int index : row) {
        values[at++] = (byte) palette.getRed(index);
        values[at++] = (byte) palette.getGreen(index);
        values[at++] = (byte) palette.getBlue(index);
      }
    }
    return new Pixels(values, height, width, 3);
  }
}
