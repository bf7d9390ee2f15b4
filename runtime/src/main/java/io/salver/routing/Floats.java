package io.salver.routing;

import io.salver.tensor.DType;
import io.salver.tensor.Tensor;
import java.lang.foreign.ValueLayout;

/** Floating-point tensors, read and written as {@code double}. Stateless. */
final class Floats {
  private Floats() {}

  static boolean isFloat(DType dtype) {
    return dtype == DType.FLOAT32 || dtype == DType.FLOAT64;
  }

  static double get(Tensor tensor, long i) {
    return tensor.dtype() == DType.FLOAT32 ? tensor.getFloat(i) : tensor.getDouble(i);
  }

  /** All elements. */
  static double[] all(Tensor tensor) {
    double[] values = new double[Math.toIntExact(tensor.elementCount())];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(tensor, i);
    }
    return values;
  }

  static void set(Tensor tensor, long i, double value) {
    if (tensor.dtype() == DType.FLOAT32) {
      tensor.data().set(ValueLayout.JAVA_FLOAT_UNALIGNED, i * Float.BYTES, (float) value);
    } else {
      tensor.data().set(ValueLayout.JAVA_DOUBLE_UNALIGNED, i * Double.BYTES, value);
    }
  }

  /**
   * The index, counted from {@code from}, of the first of the largest of {@code count} elements.
   */
  static long argMax(Tensor tensor, long from, long count) {
    long best = 0;
    for (long i = 1; i < count; i++) {
      if (get(tensor, from + i) > get(tensor, from + best)) {
        best = i;
      }
    }
    return best;
  }
}
