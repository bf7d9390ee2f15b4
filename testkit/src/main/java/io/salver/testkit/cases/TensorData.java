package io.salver.testkit.cases;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A named tensor on the heap.
 *
 * @param elements for {@link DType#STRING} {@code byte[][]}; otherwise {@code byte[]}, the elements
 *     as a {@link Tensor} stores them
 */
public record TensorData(String name, DType dtype, Shape shape, Object elements) {
  private static final int BFLOAT16_SHIFT = 16;

  /** A FLOAT32 tensor. */
  public static TensorData floats(String name, Shape shape, float... values) {
    return numbers(name, DType.FLOAT32, shape, doubles(values));
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  /** An INT64 tensor. */
  public static TensorData longs(String name, Shape shape, long... values) {
    ByteBuffer bytes = buffer(values.length * Long.BYTES);
    for (long value : values) {
      bytes.putLong(value);
    }
    return new TensorData(name, DType.INT64, shape, bytes.array());
  }

  /** A STRING tensor of UTF-8 texts. */
  public static TensorData strings(String name, Shape shape, String... values) {
    byte[][] elements = new byte[values.length][];
    for (int i = 0; i < values.length; i++) {
      elements[i] = values[i].getBytes(StandardCharsets.UTF_8);
    }
    return new TensorData(name, DType.STRING, shape, elements);
  }

  /** A tensor of any type of numbers or of truth values, from their nearest values. */
  public static TensorData numbers(String name, DType dtype, Shape shape, double... values) {
    ByteBuffer bytes = buffer(values.length * dtype.sizeBytes());
    for (double value : values) {
      put(bytes, dtype, value);
    }
    return new TensorData(name, dtype, shape, bytes.array());
  }

  /** A tensor of elements between 0 and 1, or of small integers, the same for the same seed. */
  public static TensorData random(String name, DType dtype, Shape shape, long seed) {
    Random random = new Random(seed);
    double scale =
        switch (dtype) {
          case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> 1;
          case BOOL -> 2;
          default -> 10;
        };
    double[] values = new double[(int) shape.elementCount()];
    for (int i = 0; i < values.length; i++) {
      double value = random.nextDouble() * scale;
      values[i] = scale == 1 ? value : Math.floor(value);
    }
    return numbers(name, dtype, shape, values);
  }

  private static void put(ByteBuffer bytes, DType dtype, double value) {
    switch (dtype) {
      case BOOL, INT8, UINT8 -> bytes.put((byte) (long) value);
      case INT16, UINT16 -> bytes.putShort((short) (long) value);
      case INT32, UINT32 -> bytes.putInt((int) (long) value);
      case INT64, UINT64 -> bytes.putLong((long) value);
      case FLOAT16 -> bytes.putShort(Float.floatToFloat16((float) value));
      case BFLOAT16 ->
          bytes.putShort((short) (Float.floatToIntBits((float) value) >>> BFLOAT16_SHIFT));
      case FLOAT32 -> bytes.putFloat((float) value);
      case FLOAT64 -> bytes.putDouble(value);
      case COMPLEX64, COMPLEX128, STRING ->
          throw new IllegalArgumentException("type: " + dtype + " (expected: plain numbers)");
    }
  }

  private static ByteBuffer buffer(int sizeBytes) {
    return ByteBuffer.allocate(sizeBytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A copy of {@code tensor}. */
  public static TensorData copyOf(String name, Tensor tensor) {
    if (tensor.dtype() != DType.STRING) {
      return new TensorData(
          name,
          tensor.dtype(),
          tensor.shape(),
          tensor.data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
    }
    byte[][] elements = new byte[(int) tensor.elementCount()][];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = tensor.getString(i).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }
    return new TensorData(name, DType.STRING, tensor.shape(), elements);
  }

  /** The tensor in native memory. */
  public Tensor toTensor(TensorArena arena) {
    if (elements instanceof byte[] bytes) {
      Tensor tensor = arena.allocate(dtype, shape);
      tensor.data().copyFrom(MemorySegment.ofArray(bytes));
      return tensor;
    }
    StringTensorBuilder builder = new StringTensorBuilder(arena, count(), 64);
    for (int i = 0; i < count(); i++) {
      builder.add(bytes(i));
    }
    return builder.build(shape);
  }

  /** The number of elements. */
  public int count() {
    return (int) shape.elementCount();
  }

  /** Element {@code i} of a STRING tensor. */
  public byte[] bytes(int i) {
    return ((byte[][]) elements)[i];
  }

  /** Element {@code i} of a STRING tensor, as UTF-8. */
  public String text(int i) {
    return new String(bytes(i), StandardCharsets.UTF_8);
  }

  /** Element {@code i} of a tensor of numbers, as near as a double comes. */
  public double number(int i) {
    ByteBuffer bytes = ByteBuffer.wrap((byte[]) elements).order(ByteOrder.LITTLE_ENDIAN);
    int at = i * dtype.sizeBytes();
    return switch (dtype) {
      case BOOL, UINT8 -> bytes.get(at) & 0xff;
      case INT8 -> bytes.get(at);
      case INT16 -> bytes.getShort(at);
      case UINT16 -> bytes.getShort(at) & 0xffff;
      case INT32 -> bytes.getInt(at);
      case UINT32 -> Integer.toUnsignedLong(bytes.getInt(at));
      case INT64 -> bytes.getLong(at);
      case UINT64 -> Double.parseDouble(Long.toUnsignedString(bytes.getLong(at)));
      case FLOAT16 -> Float.float16ToFloat(bytes.getShort(at));
      case BFLOAT16 -> Float.intBitsToFloat(bytes.getShort(at) << BFLOAT16_SHIFT);
      case FLOAT32 -> bytes.getFloat(at);
      case FLOAT64 -> bytes.getDouble(at);
      case COMPLEX64, COMPLEX128, STRING ->
          throw new IllegalStateException("type: " + dtype + " (expected: plain numbers)");
    };
  }

  /** The position of the largest number. */
  public int argMax() {
    int best = 0;
    for (int i = 1; i < count(); i++) {
      best = number(i) > number(best) ? i : best;
    }
    return best;
  }

  /** The same elements under another name. */
  public TensorData named(String newName) {
    return new TensorData(newName, dtype, shape, elements);
  }

  @Override
  public String toString() {
    return name + " " + dtype + shape;
  }
}
