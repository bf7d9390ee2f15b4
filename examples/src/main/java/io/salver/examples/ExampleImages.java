package io.salver.examples;

import io.salver.examples.dish.Dish;
import io.salver.examples.dish.DishPainter;
import io.salver.examples.dish.Picture;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * Pictures of dishes as JPEG files, which is what clients send. Their bytes depend on the JDK's
 * encoder, and so may differ between machines where what they show does not.
 */
public final class ExampleImages {
  private static final long SEED = 10;
  private static final int SIDE = 128;

  private ExampleImages() {}

  /** A picture of each dish, all on the same ground. */
  static Map<Dish, Picture> pictures() {
    Map<Dish, Picture> pictures = new EnumMap<>(Dish.class);
    for (Dish dish : Dish.values()) {
      pictures.put(dish, new DishPainter(SEED).picture(dish, SIDE));
    }
    return pictures;
  }

  /** The name of the file of a dish. */
  static String fileName(Dish dish) {
    return dish.label().replace(' ', '_') + ".jpg";
  }

  /** A picture as a JPEG file. */
  public static byte[] toJpeg(Picture picture) throws IOException {
    int side = picture.side();
    WritableRaster raster =
        Raster.createInterleavedRaster(
            new DataBufferByte(picture.toBytes(), picture.values().length),
            side,
            side,
            Picture.CHANNELS * side,
            Picture.CHANNELS,
            new int[] {0, 1, 2},
            null);
    ComponentColorModel colors =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            false,
            false,
            ComponentColorModel.OPAQUE,
            DataBuffer.TYPE_BYTE);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (!ImageIO.write(new BufferedImage(colors, raster, false, null), "jpeg", bytes)) {
      throw new IOException("image: no JPEG encoder (expected: the JDK's own)");
    }
    return bytes.toByteArray();
  }
}
