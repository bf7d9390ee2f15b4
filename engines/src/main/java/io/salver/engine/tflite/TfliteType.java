package io.salver.engine.tflite;

import io.salver.tensor.DType;
import org.jspecify.annotations.Nullable;

/**
 * TensorFlow Lite's types of elements, in the order of their numbers in a file.
 *
 * <p>The numbers in the C interface are others.
 */
enum TfliteType {
  FLOAT32(1, 4, DType.FLOAT32),
  FLOAT16(10, 2, DType.FLOAT16),
  INT32(2, 4, DType.INT32),
  UINT8(3, 1, DType.UINT8),
  INT64(4, 8, DType.INT64),
  STRING(5, 0, DType.STRING),
  BOOL(6, 1, DType.BOOL),
  INT16(7, 2, DType.INT16),
  COMPLEX64(8, 8, DType.COMPLEX64),
  INT8(9, 1, DType.INT8),
  FLOAT64(11, 8, DType.FLOAT64),
  COMPLEX128(12, 16, DType.COMPLEX128),
  UINT64(13, 8, DType.UINT64),
  RESOURCE(14, 8, null),
  VARIANT(15, 8, null),
  UINT32(16, 4, DType.UINT32),
  UINT16(17, 2, DType.UINT16),
  INT4(18, 1, null),
  BFLOAT16(19, 2, DType.BFLOAT16);

  private final int number;
  private final int sizeBytes;
  private final @Nullable DType dtype;

  TfliteType(int number, int sizeBytes, @Nullable DType dtype) {
    this.number = number;
    this.sizeBytes = sizeBytes;
    this.dtype = dtype;
  }

  /** The type with that number in a file. */
  static TfliteType ofFile(int number) {
    TfliteType[] types = values();
    if (number >= types.length) {
      throw BrokenModelException.of(
          "tensor type: %d (expected: 0 to %d)".formatted(number, types.length - 1));
    }
    return types[number];
  }

  /** Its number in the C interface. */
  int number() {
    return number;
  }

  /** An upper bound of the bytes of an element; 0 for strings. */
  int sizeBytes() {
    return sizeBytes;
  }

  /** The same type of Salver, or null if it has none. */
  @Nullable DType dtype() {
    return dtype;
  }
}
