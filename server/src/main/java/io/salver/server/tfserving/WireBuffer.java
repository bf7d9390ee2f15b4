package io.salver.server.tfserving;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes in the protocol-buffers wire format, in an array that grows and is used again. Unlike
 * {@link io.salver.wire.ProtoWriter} it allocates nothing for a message when it is large enough.
 * Used by one thread.
 */
final class WireBuffer {
  private static final int MAX_VARINT_BYTES = 10;

  private byte[] array = new byte[256];
  private int size;

  byte[] array() {
    return array;
  }

  int size() {
    return size;
  }

  void clear() {
    size = 0;
  }

  /** Forgets all but the first {@code length} bytes. */
  void truncate(int length) {
    size = length;
  }

  /** The bytes as UTF-8, for messages. */
  String text() {
    return new String(array, 0, size, StandardCharsets.UTF_8);
  }

  /** A field's number and wire type, below 128. */
  void tag(int tag) {
    ensure(1);
    array[size++] = (byte) tag;
  }

  void varint(long value) {
    ensure(MAX_VARINT_BYTES);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      array[size++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    array[size++] = (byte) rest;
  }

  void fixed32(int value) {
    ensure(Integer.BYTES);
    for (int i = 0; i < Integer.BYTES; i++) {
      array[size++] = (byte) (value >>> 8 * i);
    }
  }

  void bytes(byte[] source, int offset, int length) {
    ensure(length);
    System.arraycopy(source, offset, array, size, length);
    size += length;
  }

  void append(WireBuffer other) {
    bytes(other.array, 0, other.size);
  }

  /** The length of {@code other}, then its bytes. */
  void lengthDelimited(WireBuffer other) {
    varint(other.size);
    append(other);
  }

  /** The size of a length-delimited field of {@code length} bytes, its one-byte tag included. */
  static int fieldSize(int length) {
    int bits = 32 - Integer.numberOfLeadingZeros(length | 1);
    return 1 + (bits + 6) / 7 + length;
  }

  private void ensure(int count) {
    if (count > array.length - size) {
      array = Arrays.copyOf(array, Math.max(2 * array.length, size + count));
    }
  }
}
