package io.salver.testkit.cases;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * A tensor's value as a plain array, for tables of cases.
 *
 * @param elements {@code byte[]} for 8-bit types and BOOL (0 or 1), {@code short[]} for 16-bit ones
 *     and the bits of the two half types, {@code int[]}, {@code long[]}, {@code float[]}, {@code
 *     double[]} (twice as many for complex types), or {@code byte[][]} for STRING
 */
public record ArrayTensor(DType dtype, Shape shape, Object elements) {

  /** A FLOAT32 tensor. */
  public static ArrayTensor floats(Shape shape, float... elements) {
    return new ArrayTensor(DType.FLOAT32, shape, elements);
  }

  /** A FLOAT32 tensor of one dimension. */
  public static ArrayTensor floats(float... elements) {
    return floats(Shape.of(elements.length), elements);
  }

  /** An INT32 tensor. */
  public static ArrayTensor ints(Shape shape, int... elements) {
    return new ArrayTensor(DType.INT32, shape, elements);
  }

  /** An INT64 tensor. */
  public static ArrayTensor longs(Shape shape, long... elements) {
    return new ArrayTensor(DType.INT64, shape, elements);
  }

  /** A STRING tensor. */
  public static ArrayTensor strings(Shape shape, byte[]... elements) {
    return new ArrayTensor(DType.STRING, shape, elements);
  }

  /** A STRING tensor of UTF-8 texts. */
  public static ArrayTensor texts(Shape shape, String... elements) {
    return strings(
        shape,
        Arrays.stream(elements)
            .map(text -> text.getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new));
  }

  /** This value in {@code arena}. */
  public Tensor copyTo(TensorArena arena) {
    if (elements instanceof byte[][] strings) {
      StringTensorBuilder builder = new StringTensorBuilder(arena, strings.length, 1);
      for (byte[] string : strings) {
        builder.add(string);
      }
      return builder.build(shape);
    }
    Tensor tensor = arena.allocate(dtype, shape);
    MemorySegment.copy(segment(), 0, tensor.data(), 0, tensor.data().byteSize());
    return tensor;
  }

  private MemorySegment segment() {
    return switch (elements) {
      case byte[] a -> MemorySegment.ofArray(a);
      case short[] a -> MemorySegment.ofArray(a);
      case int[] a -> MemorySegment.ofArray(a);
      case long[] a -> MemorySegment.ofArray(a);
      case float[] a -> MemorySegment.ofArray(a);
      case double[] a -> MemorySegment.ofArray(a);
      default -> throw new IllegalArgumentException("elements: " + elements.getClass());
    };
  }

  /** A copy of a tensor's value. */
  public static ArrayTensor of(Tensor tensor) {
    return new ArrayTensor(tensor.dtype(), tensor.shape(), elementsOf(tensor));
  }

  private static Object elementsOf(Tensor tensor) {
    MemorySegment data = tensor.data();
    return switch (tensor.dtype()) {
      case BOOL, UINT8, INT8 -> data.toArray(ValueLayout.JAVA_BYTE);
      case UINT16, INT16, FLOAT16, BFLOAT16 -> data.toArray(ValueLayout.JAVA_SHORT_UNALIGNED);
      case UINT32, INT32 -> data.toArray(ValueLayout.JAVA_INT_UNALIGNED);
      case UINT64, INT64 -> data.toArray(ValueLayout.JAVA_LONG_UNALIGNED);
      case FLOAT32, COMPLEX64 -> data.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
      case FLOAT64, COMPLEX128 -> data.toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED);
      case STRING -> {
        byte[][] strings = new byte[(int) tensor.elementCount()][];
        Arrays.setAll(strings, i -> tensor.getString(i).toArray(ValueLayout.JAVA_BYTE));
        yield strings;
      }
    };
  }

  /**
   * In what {@code actual} differs from this value; empty if it does not.
   *
   * @param tolerance how far floating-point numbers may be apart; the others must be equal
   */
  public Optional<String> difference(ArrayTensor actual, double tolerance) {
    boolean same =
        dtype == actual.dtype
            && shape.equals(actual.shape)
            && isNear(elements, actual.elements, tolerance);
    return same ? Optional.empty() : Optional.of(actual + " (expected: " + this + ")");
  }

  private static boolean isNear(Object expected, Object actual, double tolerance) {
    if (expected instanceof float[] e && actual instanceof float[] a) {
      return isNear(toDoubles(e), toDoubles(a), tolerance);
    }
    if (expected instanceof double[] e && actual instanceof double[] a) {
      boolean near = e.length == a.length;
      for (int i = 0; near && i < e.length; i++) {
        near = Double.compare(e[i], a[i]) == 0 || Math.abs(e[i] - a[i]) <= tolerance;
      }
      return near;
    }
    return Arrays.deepEquals(new Object[] {expected}, new Object[] {actual});
  }

  private static double[] toDoubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }

  @Override
  public String toString() {
    String text = Arrays.deepToString(new Object[] {elements});
    return dtype.toString() + shape + (text.length() > 400 ? text.substring(0, 400) + "..." : text);
  }
}
