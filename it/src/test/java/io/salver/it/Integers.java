package io.salver.it;

import io.salver.tensor.DType;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/** Arrays of integers (and of the bits of half types) as arrays of longs, and back. */
final class Integers {
  private Integers() {}

  /** The values as longs: by their unsigned value, or their bits for UINT64. */
  static long[] widened(DType dtype, Object elements) {
    boolean signed =
        dtype == DType.INT8 || dtype == DType.INT16 || dtype == DType.INT32 || dtype == DType.INT64;
    return switch (elements) {
      case byte[] a -> widened(a.length, i -> signed ? a[i] : Byte.toUnsignedLong(a[i]));
      case short[] a -> widened(a.length, i -> signed ? a[i] : Short.toUnsignedLong(a[i]));
      case int[] a -> widened(a.length, i -> signed ? a[i] : Integer.toUnsignedLong(a[i]));
      case long[] a -> a;
      default -> throw new IllegalArgumentException("elements: " + elements.getClass());
    };
  }

  private static long[] widened(int length, IntToLongFunction at) {
    return IntStream.range(0, length).mapToLong(at).toArray();
  }

  /** An array of the type's width. */
  static Object narrowed(DType dtype, long[] values) {
    return switch (dtype.sizeBytes()) {
      case 1 -> {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) values[i];
        }
        yield bytes;
      }
      case 2 -> {
        short[] shorts = new short[values.length];
        for (int i = 0; i < shorts.length; i++) {
          shorts[i] = (short) values[i];
        }
        yield shorts;
      }
      case 4 -> IntStream.range(0, values.length).map(i -> (int) values[i]).toArray();
      default -> values;
    };
  }
}
