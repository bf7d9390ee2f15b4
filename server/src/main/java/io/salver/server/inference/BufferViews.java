package io.salver.server.inference;

import io.netty.buffer.ByteBuf;
import io.salver.tensor.TensorArena;
import java.lang.foreign.MemorySegment;

/** Buffers as memory. Stateless. */
public final class BufferViews {
  private BufferViews() {}

  /** The readable bytes of {@code buffer}, in place; valid as long as they are. */
  public static MemorySegment readable(ByteBuf buffer) {
    if (buffer.hasMemoryAddress()) {
      return MemorySegment.ofAddress(buffer.memoryAddress() + buffer.readerIndex())
          .reinterpret(buffer.readableBytes());
    }
    return MemorySegment.ofBuffer(buffer.nioBuffer());
  }

  /**
   * The bytes of {@code memory} in {@code arena}, where they outlive the buffer that they are in.
   */
  public static MemorySegment copy(MemorySegment memory, TensorArena arena) {
    return arena.allocate(memory.byteSize()).copyFrom(memory);
  }

  /** Room for {@code size} bytes behind what was written to {@code buffer}; likewise. */
  public static MemorySegment writable(ByteBuf buffer, int size) {
    buffer.ensureWritable(size);
    if (buffer.hasMemoryAddress()) {
      return MemorySegment.ofAddress(buffer.memoryAddress() + buffer.writerIndex())
          .reinterpret(size);
    }
    return MemorySegment.ofBuffer(buffer.nioBuffer(buffer.writerIndex(), size));
  }
}
