package io.salver.engine.steps;

import io.salver.engine.ModelLoadException;
import io.salver.tensor.DType;
import io.salver.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Set;

/** The elements of tensors of several types, as floats. */
final class Floats {
  private Floats() {}

  /** Refuses a tensor whose elements are of none of these types. */
  static void check(String name, DType dtype, Set<DType> types) throws ModelLoadException {
    if (!types.contains(dtype)) {
      throw new ModelLoadException(
          "tensor: \"%s\" is %s (expected: one of %s)".formatted(name, dtype, types));
    }
  }

  /** Element {@code i} of a tensor of FLOAT32, FLOAT16, UINT8 or INT8. */
  static float get(Tensor tensor, long i) {
    return switch (tensor.dtype()) {
      case FLOAT32 -> tensor.getFloat(i);
      case FLOAT16 -> Float.float16ToFloat(tensor.getShort(i));
      case UINT8 -> tensor.getByte(i) & 0xff;
      case INT8 -> tensor.getByte(i);
      default -> throw new IllegalArgumentException(tensor.dtype().toString());
    };
  }

  /** Sets it; a whole number is rounded, and kept in its type's range. */
  static void set(Tensor tensor, long i, float value) {
    switch (tensor.dtype()) {
      case FLOAT32 -> tensor.data().set(ValueLayout.JAVA_FLOAT_UNALIGNED, i * Float.BYTES, value);
      case FLOAT16 ->
          tensor
              .data()
              .set(ValueLayout.JAVA_SHORT_UNALIGNED, i * Short.BYTES, Float.floatToFloat16(value));
      case UINT8 -> setByte(tensor, i, Math.clamp(Math.round(value), 0, 255));
      case INT8 ->
          setByte(tensor, i, Math.clamp(Math.round(value), Byte.MIN_VALUE, Byte.MAX_VALUE));
      default -> throw new IllegalArgumentException(tensor.dtype().toString());
    }
  }

  private static void setByte(Tensor tensor, long i, int value) {
    tensor.data().set(ValueLayout.JAVA_BYTE, i, (byte) value);
  }
}
