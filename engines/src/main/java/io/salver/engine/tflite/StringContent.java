package io.salver.engine.tflite;

import io.salver.tensor.Shape;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The content of a string tensor as TensorFlow Lite keeps it: the number of elements, where each of
 * them starts and the last one ends, all as 32-bit integers, then the elements' bytes.
 */
final class StringContent {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private StringContent() {}

  /**
   * Checks the elements of a constant tensor.
   *
   * @throws BrokenModelException if there are not {@code count} elements inside the content
   */
  static void check(String tensor, MemorySegment content, long count) {
    if (!isSound(content, count)) {
      throw BrokenModelException.of(
          "tensor \"%s\": %d bytes that are not %d strings"
              .formatted(tensor, content.byteSize(), count));
    }
  }

  private static boolean isSound(MemorySegment content, long count) {
    if (content.byteSize() < headBytes(count) || content.get(INT, 0) != count) {
      return false;
    }
    long from = headBytes(count);
    for (long i = 0; i <= count; i++) {
      long to = content.get(INT, (i + 1) * Integer.BYTES);
      if (to < from || to > content.byteSize()) {
        return false;
      }
      from = to;
    }
    return true;
  }

  private static long headBytes(long count) {
    return (count + 2) * Integer.BYTES;
  }

  /** The bytes that the content of {@code tensor} takes. */
  static long sizeBytes(Tensor tensor) {
    MemorySegment offsets = tensor.offsets();
    long count = tensor.elementCount();
    return headBytes(count) + offset(offsets, count) - offset(offsets, 0);
  }

  private static long offset(MemorySegment offsets, long i) {
    return offsets.get(ValueLayout.JAVA_LONG_UNALIGNED, i * Long.BYTES);
  }

  /** Writes the content of {@code tensor}. */
  static void write(Tensor tensor, MemorySegment to) {
    long count = tensor.elementCount();
    long first = offset(tensor.offsets(), 0);
    to.set(INT, 0, (int) count);
    for (long i = 0; i <= count; i++) {
      long at = headBytes(count) + offset(tensor.offsets(), i) - first;
      to.set(INT, (i + 1) * Integer.BYTES, (int) at);
    }
    long size = offset(tensor.offsets(), count) - first;
    MemorySegment.copy(tensor.data(), first, to, headBytes(count), size);
  }

  /**
   * The tensor that {@code content} is, copied.
   *
   * @throws BrokenModelException if there are not as many elements as {@code shape} has
   */
  static Tensor read(String name, MemorySegment content, Shape shape, TensorArena arena) {
    long count = shape.elementCount();
    check(name, content, count);
    StringTensorBuilder builder =
        new StringTensorBuilder(arena, count, content.byteSize() - headBytes(count));
    for (long i = 0; i < count; i++) {
      long from = content.get(INT, (i + 1) * Integer.BYTES);
      long to = content.get(INT, (i + 2) * Integer.BYTES);
      builder.add(content, from, to - from);
    }
    return builder.build(shape);
  }
}
