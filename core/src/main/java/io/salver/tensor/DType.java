package io.salver.tensor;

/**
 * The type of a tensor's elements.
 *
 * <p>Numbers are stored little-endian, one after the other. {@link #FLOAT16} and {@link #BFLOAT16}
 * are stored as their 16 bits, {@link #BOOL} as one byte (0 or 1), complex numbers as real part,
 * then imaginary part. A {@link #STRING} element is any sequence of bytes.
 */
public enum DType {
  BOOL(1),
  UINT8(1),
  UINT16(2),
  UINT32(4),
  UINT64(8),
  INT8(1),
  INT16(2),
  INT32(4),
  INT64(8),
  FLOAT16(2),
  BFLOAT16(2),
  FLOAT32(4),
  FLOAT64(8),
  COMPLEX64(8),
  COMPLEX128(16),
  STRING(0);

  private final int sizeBytes;

  DType(int sizeBytes) {
    this.sizeBytes = sizeBytes;
  }

  /** Bytes of one element; 0 for {@link #STRING}, whose elements vary. */
  public int sizeBytes() {
    return sizeBytes;
  }

  /** Whether elements have a fixed size, which is so for every type but {@link #STRING}. */
  public boolean isFixedSize() {
    return sizeBytes > 0;
  }
}
