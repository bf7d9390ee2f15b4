package io.salver.engine.tflite;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The bytes of a flatbuffer, read with every position checked, and with a limit for the work: a
 * flatbuffer may refer to the same part any number of times, so that a small file can be an
 * enormous tree.
 *
 * <p>Used by one thread.
 */
final class FlatFile {
  private static final ValueLayout.OfShort INT16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong INT64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** TensorFlow Lite's own verification gives up at a million tables. */
  private static final long MAX_WORK = 16_000_000;

  private final MemorySegment bytes;
  private long work;

  FlatFile(MemorySegment bytes) {
    this.bytes = bytes;
  }

  long sizeBytes() {
    return bytes.byteSize();
  }

  /** The root table. */
  FlatTable root() {
    return new FlatTable(this, uint32(0));
  }

  /** Sees that there are {@code count} bytes at {@code at}. */
  void check(long at, long count) {
    if (at < 0 || count < 0 || at > bytes.byteSize() - count) {
      throw BrokenModelException.cutShort(
          "bytes: %d at %d (expected: within the file's %d)"
              .formatted(count, at, bytes.byteSize()));
    }
  }

  /** Counts {@code steps} towards the limit. */
  void charge(long steps) {
    work += steps;
    if (work > MAX_WORK) {
      throw BrokenModelException.of(
          "parts: more than " + MAX_WORK + " (expected: a model that a server can take in)");
    }
  }

  int uint8(long at) {
    check(at, 1);
    return bytes.get(ValueLayout.JAVA_BYTE, at) & 0xff;
  }

  int uint16(long at) {
    check(at, Short.BYTES);
    return bytes.get(INT16, at) & 0xffff;
  }

  int int32(long at) {
    check(at, Integer.BYTES);
    return bytes.get(INT32, at);
  }

  long uint32(long at) {
    return Integer.toUnsignedLong(int32(at));
  }

  long int64(long at) {
    check(at, Long.BYTES);
    return bytes.get(INT64, at);
  }

  /** A view of {@code count} bytes at {@code at}. */
  MemorySegment slice(long at, long count) {
    check(at, count);
    return bytes.asSlice(at, count);
  }
}
