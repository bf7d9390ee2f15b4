package io.salver.batching;

import io.salver.tensor.DType;
import io.salver.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Elements of tensors of any type of numbers; for what is not on the way of a request. */
final class Elements {
  private Elements() {}

  /** Sets an element to {@code real}, or to {@code small} where the type has no fractions. */
  static void set(Tensor tensor, long i, double real, int small) {
    MemorySegment data = tensor.data();
    switch (tensor.dtype()) {
      case BOOL -> data.set(ValueLayout.JAVA_BYTE, i, (byte) (small & 1));
      case UINT8, INT8 -> data.set(ValueLayout.JAVA_BYTE, i, (byte) small);
      case UINT16, INT16 -> data.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * i, (short) small);
      case UINT32, INT32 -> data.set(ValueLayout.JAVA_INT_UNALIGNED, 4 * i, small);
      case UINT64, INT64 -> data.set(ValueLayout.JAVA_LONG_UNALIGNED, 8 * i, (long) small);
      case FLOAT16 ->
          data.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * i, Float.floatToFloat16((float) real));
      case BFLOAT16 ->
          data.set(
              ValueLayout.JAVA_SHORT_UNALIGNED,
              2 * i,
              (short) (Float.floatToRawIntBits((float) real) >>> 16));
      case FLOAT32 -> data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i, (float) real);
      case FLOAT64 -> data.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8 * i, real);
      case COMPLEX64 -> {
        data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 8 * i, (float) real);
        data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 8 * i + 4, (float) -real);
      }
      case COMPLEX128 -> {
        data.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 16 * i, real);
        data.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 16 * i + 8, -real);
      }
      case STRING -> throw new IllegalArgumentException("strings (expected: numbers)");
    }
  }

  /** How many real numbers an element is. */
  static int parts(DType dtype) {
    return dtype == DType.COMPLEX64 || dtype == DType.COMPLEX128 ? 2 : 1;
  }

  /** Part {@code i} of all elements' parts, one element after the other. */
  static double get(Tensor tensor, long i) {
    MemorySegment data = tensor.data();
    return switch (tensor.dtype()) {
      case BOOL, INT8 -> data.get(ValueLayout.JAVA_BYTE, i);
      case UINT8 -> Byte.toUnsignedInt(data.get(ValueLayout.JAVA_BYTE, i));
      case INT16 -> tensor.getShort(i);
      case UINT16 -> Short.toUnsignedInt(tensor.getShort(i));
      case INT32 -> tensor.getInt(i);
      case UINT32 -> Integer.toUnsignedLong(tensor.getInt(i));
      case INT64, UINT64 -> tensor.getLong(i);
      case FLOAT16 -> Float.float16ToFloat(tensor.getShort(i));
      case BFLOAT16 -> Float.intBitsToFloat(tensor.getShort(i) << 16);
      case FLOAT32, COMPLEX64 -> data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i);
      case FLOAT64, COMPLEX128 -> data.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8 * i);
      case STRING -> throw new IllegalArgumentException("strings (expected: numbers)");
    };
  }

  /**
   * How far apart results may be that were computed in another order, as a part of the largest
   * number beside them; 0 for types that are exact.
   *
   * @param approximate see {@link io.salver.engine.LoadedModel#isApproximate}; the number for that
   *     is three times what twelve layers of a transformer differed by on a GPU
   */
  static double tolerance(DType dtype, boolean approximate) {
    double exact = tolerance(dtype);
    return approximate && exact > 0 ? Math.max(exact, 1e-2) : exact;
  }

  private static double tolerance(DType dtype) {
    return switch (dtype) {
      case FLOAT16 -> 4e-3;
      case BFLOAT16 -> 3e-2;
      case FLOAT32, COMPLEX64 -> 2e-5;
      case FLOAT64, COMPLEX128 -> 1e-11;
      case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, STRING -> 0;
    };
  }

  /**
   * Whether two tensors are the same, as far as {@link #tolerance} tells.
   *
   * @param approximate as there
   */
  static boolean same(Tensor a, Tensor b, boolean approximate) {
    if (a.dtype() != b.dtype() || !a.shape().equals(b.shape())) {
      return false;
    }
    return a.dtype() == DType.STRING ? sameStrings(a, b) : sameNumbers(a, b, approximate);
  }

  private static boolean sameStrings(Tensor a, Tensor b) {
    for (long i = 0; i < a.elementCount(); i++) {
      if (a.getString(i).mismatch(b.getString(i)) != -1) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameNumbers(Tensor a, Tensor b, boolean approximate) {
    if (a.data().mismatch(b.data()) == -1) {
      return true;
    }
    double tolerance = tolerance(a.dtype(), approximate);
    long count = a.elementCount() * parts(a.dtype());
    double largest = 0;
    for (long i = 0; i < count; i++) {
      double value = Math.abs(get(a, i));
      largest = value <= Double.MAX_VALUE ? Math.max(largest, value) : largest;
    }
    for (long i = 0; i < count; i++) {
      double x = get(a, i);
      double y = get(b, i);
      boolean same = x == y || Double.isNaN(x) && Double.isNaN(y);
      if (!same && !(tolerance > 0 && Math.abs(x - y) <= tolerance * largest)) {
        return false;
      }
    }
    return true;
  }
}
