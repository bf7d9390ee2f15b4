package io.salver.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A value: element type, concrete shape, and a view of memory that somebody else owns, usually a
 * {@link TensorArena}. A tensor is valid as long as that memory is; it is never freed by itself.
 *
 * <p>Elements lie in row-major order. A {@link DType#STRING} tensor has two segments: {@link
 * #data()} holds the bytes of all elements, and {@link #offsets()} holds {@code elementCount + 1}
 * 64-bit native-order offsets into it, so that element {@code i} is the bytes from {@code
 * offsets[i]} to {@code offsets[i + 1]}. The first offset need not be 0, nor the last one the end.
 *
 * <p>Immutable as an object; who owns the memory may write to it. Reads are bounds-checked.
 */
public final class Tensor {
  private final DType dtype;
  private final Shape shape;
  private final MemorySegment data;
  private final MemorySegment offsets;

  private Tensor(DType dtype, Shape shape, MemorySegment data, MemorySegment offsets) {
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
    this.offsets = offsets;
  }

  /**
   * A tensor of a fixed-size type over {@code data}.
   *
   * @throws IllegalArgumentException if the shape is not concrete, or {@code data} has another size
   *     than the shape and type need
   */
  public static Tensor of(DType dtype, Shape shape, MemorySegment data) {
    long expected = sizeBytes(dtype, shape);
    if (data.byteSize() != expected) {
      throw new IllegalArgumentException(
          "data: "
              + data.byteSize()
              + " bytes (expected: "
              + expected
              + " for "
              + dtype
              + shape
              + ")");
    }
    return new Tensor(dtype, shape, data, MemorySegment.NULL);
  }

  /**
   * A {@link DType#STRING} tensor.
   *
   * @param offsets {@code elementCount + 1} native-order longs, not decreasing, the last at most
   *     the size of {@code bytes}; the caller answers for their order
   * @param bytes the bytes of all elements, one after the other
   */
  public static Tensor ofStrings(Shape shape, MemorySegment offsets, MemorySegment bytes) {
    if (!shape.isConcrete() || offsets.byteSize() != (shape.elementCount() + 1) * Long.BYTES) {
      throw new IllegalArgumentException(
          "offsets: "
              + offsets.byteSize()
              + " bytes (expected: 8 for each element of "
              + shape
              + ", and 8 more)");
    }
    return new Tensor(DType.STRING, shape, bytes, offsets);
  }

  /**
   * The bytes that the elements of a tensor of a fixed-size type take.
   *
   * @throws IllegalArgumentException if the type is {@link DType#STRING}, the shape is not
   *     concrete, or the size is not a {@code long}
   */
  public static long sizeBytes(DType dtype, Shape shape) {
    long count = shape.elementCount();
    if (!dtype.isFixedSize() || count < 0) {
      throw new IllegalArgumentException(
          "tensor: " + dtype + shape + " (expected: a fixed-size type and a concrete shape)");
    }
    if (count > Long.MAX_VALUE / dtype.sizeBytes()) {
      throw new IllegalArgumentException(
          "tensor: " + dtype + shape + " (expected: a size below 2^63 bytes)");
    }
    return count * dtype.sizeBytes();
  }

  /** The type of the elements. */
  public DType dtype() {
    return dtype;
  }

  /** The dimensions; always concrete. */
  public Shape shape() {
    return shape;
  }

  /** The elements' bytes; see the class comment for {@link DType#STRING}. */
  public MemorySegment data() {
    return data;
  }

  /** For {@link DType#STRING} the element offsets, otherwise {@link MemorySegment#NULL}. */
  public MemorySegment offsets() {
    return offsets;
  }

  /**
   * Rows of this tensor: a view of its memory.
   *
   * @param from the first, counted along dimension 0
   * @param count how many
   * @throws IndexOutOfBoundsException if it has no such rows
   */
  public Tensor rows(long from, long count) {
    Shape part = shape.withFirst(count);
    long rowElements = shape.dim(0) == 0 ? 0 : elementCount() / shape.dim(0);
    Objects.checkFromIndexSize(from, count, shape.dim(0));
    if (dtype == DType.STRING) {
      MemorySegment partOffsets =
          offsets.asSlice(from * rowElements * Long.BYTES, (count * rowElements + 1) * Long.BYTES);
      return new Tensor(dtype, part, data, partOffsets);
    }
    long rowBytes = rowElements * dtype.sizeBytes();
    return new Tensor(dtype, part, data.asSlice(from * rowBytes, count * rowBytes), offsets);
  }

  /** The number of elements. */
  public long elementCount() {
    return shape.elementCount();
  }

  /** Element {@code i} of a tensor of bytes: BOOL, INT8 or UINT8. */
  public byte getByte(long i) {
    return data.get(ValueLayout.JAVA_BYTE, i);
  }

  /** Element {@code i} of a tensor of 16-bit elements. */
  public short getShort(long i) {
    return data.get(ValueLayout.JAVA_SHORT_UNALIGNED, i * Short.BYTES);
  }

  /** Element {@code i} of a tensor of INT32 or UINT32. */
  public int getInt(long i) {
    return data.get(ValueLayout.JAVA_INT_UNALIGNED, i * Integer.BYTES);
  }

  /** Element {@code i} of a tensor of INT64 or UINT64. */
  public long getLong(long i) {
    return data.get(ValueLayout.JAVA_LONG_UNALIGNED, i * Long.BYTES);
  }

  /** Element {@code i} of a tensor of FLOAT32. */
  public float getFloat(long i) {
    return data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, i * Float.BYTES);
  }

  /** Element {@code i} of a tensor of FLOAT64. */
  public double getDouble(long i) {
    return data.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, i * Double.BYTES);
  }

  /** The bytes of element {@code i} of a STRING tensor: a view. */
  public MemorySegment getString(long i) {
    long from = offsets.get(ValueLayout.JAVA_LONG_UNALIGNED, i * Long.BYTES);
    long to = offsets.get(ValueLayout.JAVA_LONG_UNALIGNED, (i + 1) * Long.BYTES);
    return data.asSlice(from, to - from);
  }

  /** Element {@code i} of a STRING tensor, read as UTF-8. */
  public String getUtf8(long i) {
    return new String(getString(i).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  /** Type and shape, as {@code FLOAT32[2,3]}; never the elements, which may be private. */
  @Override
  public String toString() {
    return dtype.toString() + shape;
  }
}
