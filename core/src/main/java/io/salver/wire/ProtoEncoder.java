package io.salver.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Writes a message in the protocol-buffers wire format straight into memory whose size was computed
 * before. Every write is bounds-checked. Used by one thread.
 *
 * <p>Where sizes are not known before, {@link ProtoWriter} is the simpler one.
 */
public final class ProtoEncoder {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment target;
  private long position;

  /** An encoder that writes to {@code target} from its start. */
  public ProtoEncoder(MemorySegment target) {
    this.target = target;
  }

  /** Bytes written so far. */
  public long position() {
    return position;
  }

  /** The bytes that {@link #varint} writes for {@code value}, 1 to 10. */
  public static int varintSize(long value) {
    return (Long.SIZE + 6 - Long.numberOfLeadingZeros(value | 1)) / 7;
  }

  /** The bytes of a length-delimited field with a body of {@code length} bytes, all told. */
  public static long fieldSize(int field, long length) {
    return varintSize((long) field << 3) + varintSize(length) + length;
  }

  /** What begins a field. */
  public void tag(int field, int wireType) {
    varint((long) field << 3 | wireType);
  }

  /** What begins a length-delimited field, whose {@code length} bytes are to follow. */
  public void begin(int field, long length) {
    tag(field, ProtoReader.LENGTH_DELIMITED);
    varint(length);
  }

  /** A variable-length integer; negative ones take 10 bytes. */
  public void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      target.set(ValueLayout.JAVA_BYTE, position++, (byte) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    target.set(ValueLayout.JAVA_BYTE, position++, (byte) rest);
  }

  /** Four bytes: a float, by its bits. */
  public void fixed32(int value) {
    target.set(INT, position, value);
    position += Integer.BYTES;
  }

  /** {@code length} bytes of {@code source} from {@code from}, as they are. */
  public void raw(MemorySegment source, long from, long length) {
    MemorySegment.copy(source, from, target, position, length);
    position += length;
  }

  /** These bytes, as they are. */
  public void raw(byte[] source) {
    MemorySegment.copy(source, 0, target, ValueLayout.JAVA_BYTE, position, source.length);
    position += source.length;
  }
}
