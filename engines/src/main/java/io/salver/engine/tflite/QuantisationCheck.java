package io.salver.engine.tflite;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds the numbers by which a tensor's integers stand for real numbers against its type: kernels
 * make tables from them whose places they then do not check.
 */
final class QuantisationCheck {
  private QuantisationCheck() {}

  /**
   * Checks a tensor's scales and zero points.
   *
   * @param quantisation a {@code QuantizationParameters}, or null
   * @throws BrokenModelException if they cannot be
   */
  static void check(
      String tensor, TfliteType type, boolean constant, @Nullable FlatTable quantisation) {
    if (quantisation == null) {
      return;
    }
    for (int bits : quantisation.int32s(2)) {
      float scale = Float.intBitsToFloat(bits);
      boolean used = !constant && isQuantised(type);
      if (!Float.isFinite(scale) || scale < 0 || (used && scale < Float.MIN_NORMAL)) {
        throw BrokenModelException.of(
            "scale of tensor \"%s\": %s (expected: a positive number)".formatted(tensor, scale));
      }
    }
    for (long zeroPoint : quantisation.int64s(3)) {
      if (zeroPoint < least(type) || zeroPoint > most(type)) {
        throw BrokenModelException.of(
            "zero point of tensor \"%s\": %d (expected: %d to %d for %s)"
                .formatted(tensor, zeroPoint, least(type), most(type), type));
      }
    }
  }

  /** How a checked tensor's integers stand for real numbers, if they do, and all alike. */
  static Optional<Quantisation> whole(TfliteType type, @Nullable FlatTable quantisation) {
    if (quantisation == null || !isQuantised(type)) {
      return Optional.empty();
    }
    int[] scales = quantisation.int32s(2);
    long[] zeroPoints = quantisation.int64s(3);
    if (scales.length != 1 || zeroPoints.length > 1 || Float.intBitsToFloat(scales[0]) <= 0) {
      return Optional.empty();
    }
    int zeroPoint = zeroPoints.length == 0 ? 0 : (int) zeroPoints[0];
    return Optional.of(new Quantisation(Float.intBitsToFloat(scales[0]), zeroPoint));
  }

  private static boolean isQuantised(TfliteType type) {
    return type == TfliteType.INT8 || type == TfliteType.UINT8 || type == TfliteType.INT16;
  }

  private static long least(TfliteType type) {
    return switch (type) {
      case INT4 -> -8;
      case INT8 -> Byte.MIN_VALUE;
      case INT16 -> Short.MIN_VALUE;
      case UINT8, UINT16 -> 0;
      default -> Integer.MIN_VALUE;
    };
  }

  private static long most(TfliteType type) {
    return switch (type) {
      case INT4 -> 7;
      case INT8 -> Byte.MAX_VALUE;
      case INT16 -> Short.MAX_VALUE;
      case UINT8 -> 0xff;
      case UINT16 -> 0xffff;
      default -> Integer.MAX_VALUE;
    };
  }
}
