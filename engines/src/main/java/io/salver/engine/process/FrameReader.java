package io.salver.engine.process;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads a frame's body, which may say anything. Used by one thread. */
final class FrameReader {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long ALIGNMENT_BYTES = 8;

  private final MemorySegment body;
  private long position;

  FrameReader(MemorySegment body) {
    this.body = body;
  }

  private long take(long count, String what) throws BrokenWorkerException {
    if (count < 0 || count > body.byteSize() - position) {
      throw BrokenWorkerException.garbage(
          "%s: %d bytes at %d of a body of %d (expected: inside of it)"
              .formatted(what, count, position, body.byteSize()));
    }
    long at = position;
    position += count;
    return at;
  }

  int u8(String what) throws BrokenWorkerException {
    return body.get(ValueLayout.JAVA_BYTE, take(1, what)) & 0xff;
  }

  int u16(String what) throws BrokenWorkerException {
    return body.get(SHORT, take(2, what)) & 0xffff;
  }

  int u32(String what) throws BrokenWorkerException {
    return body.get(INT, take(4, what));
  }

  long i64(String what) throws BrokenWorkerException {
    return body.get(LONG, take(8, what));
  }

  String string(String what) throws BrokenWorkerException {
    return new String(bytes(what), StandardCharsets.UTF_8);
  }

  byte[] bytes(String what) throws BrokenWorkerException {
    long length = Integer.toUnsignedLong(u32(what));
    long at = take(length, what);
    return body.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
  }

  /** The next {@code sizeBytes} bytes of the body, from a multiple of 8. */
  MemorySegment block(long sizeBytes, String what) throws BrokenWorkerException {
    take(-position & ALIGNMENT_BYTES - 1, what);
    return body.asSlice(take(sizeBytes, what), sizeBytes);
  }

  /** That there is nothing more. */
  void end() throws BrokenWorkerException {
    if (position != body.byteSize()) {
      throw BrokenWorkerException.garbage(
          "frame: %d bytes after its end (expected: none)".formatted(body.byteSize() - position));
    }
  }
}
