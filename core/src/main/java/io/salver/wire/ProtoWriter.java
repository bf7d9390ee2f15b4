package io.salver.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes a message in the protocol-buffers wire format to the heap, for messages that are not on
 * the hot path. Used by one thread.
 */
public final class ProtoWriter {
  private byte[] buffer = new byte[256];
  private int size;

  /** A varint field: int32, int64, uint32, uint64, bool or an enum. */
  public ProtoWriter int64(int field, long value) {
    tag(field, ProtoReader.VARINT);
    varint(value);
    return this;
  }

  /** A float field. */
  public ProtoWriter float32(int field, float value) {
    tag(field, ProtoReader.FIXED32);
    fixed(Float.floatToRawIntBits(value), Integer.BYTES);
    return this;
  }

  /** A double field. */
  public ProtoWriter float64(int field, double value) {
    tag(field, ProtoReader.FIXED64);
    fixed(Double.doubleToRawLongBits(value), Long.BYTES);
    return this;
  }

  /** A string field, as UTF-8. */
  public ProtoWriter string(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /** A bytes field. */
  public ProtoWriter bytes(int field, byte[] value) {
    tag(field, ProtoReader.LENGTH_DELIMITED);
    varint(value.length);
    ensure(value.length);
    System.arraycopy(value, 0, buffer, size, value.length);
    size += value.length;
    return this;
  }

  /** A message field. */
  public ProtoWriter message(int field, ProtoWriter value) {
    return bytes(field, value.toByteArray());
  }

  /** A packed list of varints. */
  public ProtoWriter packedInt64(int field, long... values) {
    ProtoWriter list = new ProtoWriter();
    for (long value : values) {
      list.varint(value);
    }
    return message(field, list);
  }

  /** A packed list of floats. */
  public ProtoWriter packedFloat32(int field, float... values) {
    ProtoWriter list = new ProtoWriter();
    for (float value : values) {
      list.fixed(Float.floatToRawIntBits(value), Integer.BYTES);
    }
    return message(field, list);
  }

  /** What has been written. */
  public byte[] toByteArray() {
    return Arrays.copyOf(buffer, size);
  }

  private void tag(int field, int wireType) {
    varint((long) field << 3 | wireType);
  }

  private void varint(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      buffer[size++] = (byte) (rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    buffer[size++] = (byte) rest;
  }

  private void fixed(long value, int sizeBytes) {
    ensure(sizeBytes);
    for (int i = 0; i < sizeBytes; i++) {
      buffer[size++] = (byte) (value >>> 8 * i);
    }
  }

  private void ensure(int count) {
    if (count > buffer.length - size) {
      buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, size + count));
    }
  }
}
