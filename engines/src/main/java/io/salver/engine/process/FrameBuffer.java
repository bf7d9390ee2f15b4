package io.salver.engine.process;

import io.salver.predict.ServingException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A frame that is being written. Used by one thread at a time; one for each connection. Its memory
 * goes with the object, since a connection is closed while somebody may still write.
 */
final class FrameBuffer {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long KEPT_BYTES = 128 << 10;
  private static final long ALIGNMENT_BYTES = 8;

  private MemorySegment memory = Arena.ofAuto().allocate(KEPT_BYTES);
  private long end = FrameChannel.HEADER_BYTES;

  /** Begins an empty body. */
  FrameBuffer clear() {
    if (memory.byteSize() > KEPT_BYTES) {
      memory = Arena.ofAuto().allocate(KEPT_BYTES);
    }
    end = FrameChannel.HEADER_BYTES;
    return this;
  }

  /**
   * Room for {@code count} more bytes.
   *
   * @return where it is in the buffer
   */
  private long room(long count) {
    long bodyBytes = end - FrameChannel.HEADER_BYTES;
    if (count > FrameChannel.MAX_BODY_BYTES - bodyBytes) {
      throw ServingException.invalid(
          "tensors for the worker: more than %d bytes beside shared memory (expected: at most that)"
              .formatted(FrameChannel.MAX_BODY_BYTES));
    }
    if (count > memory.byteSize() - end) {
      MemorySegment larger = Arena.ofAuto().allocate(Math.max(2 * memory.byteSize(), end + count));
      MemorySegment.copy(memory, 0, larger, 0, end);
      memory = larger;
    }
    long at = end;
    end += count;
    return at;
  }

  FrameBuffer u8(int value) {
    memory.set(ValueLayout.JAVA_BYTE, room(1), (byte) value);
    return this;
  }

  FrameBuffer u16(int value) {
    memory.set(SHORT, room(2), (short) value);
    return this;
  }

  FrameBuffer u32(int value) {
    memory.set(INT, room(4), value);
    return this;
  }

  FrameBuffer i64(long value) {
    memory.set(LONG, room(8), value);
    return this;
  }

  FrameBuffer string(String text) {
    return bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Their number, and these bytes. */
  FrameBuffer bytes(byte[] value) {
    u32(value.length);
    long at = room(value.length);
    MemorySegment.copy(value, 0, memory, ValueLayout.JAVA_BYTE, at, value.length);
    return this;
  }

  /** The next {@code sizeBytes} bytes of the body, from a multiple of 8. */
  MemorySegment block(long sizeBytes) {
    long bodyBytes = end - FrameChannel.HEADER_BYTES;
    long padded = (bodyBytes + ALIGNMENT_BYTES - 1) & -ALIGNMENT_BYTES;
    for (long i = bodyBytes; i < padded; i++) {
      u8(0);
    }
    long at = room(sizeBytes);
    return memory.asSlice(at, sizeBytes);
  }

  /** The whole frame, which is valid until this is written to again. */
  ByteBuffer frame(FrameType type, int sequence) {
    memory.set(INT, 0, FrameChannel.MAGIC);
    memory.set(INT, 4, type.code());
    memory.set(INT, 8, sequence);
    memory.set(INT, 12, (int) (end - FrameChannel.HEADER_BYTES));
    return memory.asSlice(0, end).asByteBuffer();
  }
}
