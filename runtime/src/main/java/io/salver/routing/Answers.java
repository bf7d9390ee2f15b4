package io.salver.routing;

import io.salver.tensor.DType;
import io.salver.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Compares two routes' answers to one request. Stateless. */
final class Answers {
  /** How far apart numbers may be, as a share of the larger one. */
  static final double TOLERANCE = 0.01;

  private Answers() {}

  /**
   * Whether they differ: in the shape of an output, in a string or whole number, in the position of
   * the largest of a row's floating-point numbers, or, where a row has but one, by more than {@link
   * #TOLERANCE}. Outputs that one of them lacks are not looked at.
   */
  static boolean differ(@Nullable Tensor[] one, @Nullable Tensor[] other) {
    for (int i = 0; i < one.length; i++) {
      Tensor a = one[i];
      Tensor b = other[i];
      if (a != null && b != null && differ(a, b)) {
        return true;
      }
    }
    return false;
  }

  private static boolean differ(Tensor a, Tensor b) {
    if (!a.shape().equals(b.shape()) || a.dtype() != b.dtype()) {
      return true;
    }
    if (Floats.isFloat(a.dtype())) {
      return floatsDiffer(a, b);
    }
    if (a.dtype() != DType.STRING) {
      return a.data().mismatch(b.data()) >= 0;
    }
    for (long i = 0; i < a.elementCount(); i++) {
      if (a.getString(i).mismatch(b.getString(i)) >= 0) {
        return true;
      }
    }
    return false;
  }

  private static boolean floatsDiffer(Tensor a, Tensor b) {
    long width = Labels.rowElements(a);
    if (width > 1) {
      for (long from = 0; from < a.elementCount(); from += width) {
        if (Floats.argMax(a, from, width) != Floats.argMax(b, from, width)) {
          return true;
        }
      }
      return false;
    }
    for (long i = 0; i < a.elementCount(); i++) {
      double x = Floats.get(a, i);
      double y = Floats.get(b, i);
      if (!(Math.abs(x - y) <= TOLERANCE * Math.max(Math.abs(x), Math.abs(y)))
          && Double.compare(x, y) != 0) {
        return true;
      }
    }
    return false;
  }
}
