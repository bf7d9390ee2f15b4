package io.salver.server.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.salver.server.net.LoopMemory;
import io.salver.tensor.MemoryLimitException;
import org.jspecify.annotations.Nullable;

/**
 * Takes messages out of the bytes of a request.
 *
 * <p>Bytes are lent between {@link #begin} and {@link #end}; messages that lie whole in them are
 * not copied. What is left over is kept in a buffer of its own, which grows with what arrives and
 * not with what a prefix announces.
 */
final class Deframer {
  /** A flag and a length in front of each message. */
  static final int PREFIX_BYTES = 5;

  private static final int FIRST_BYTES = 64 << 10;

  private final ByteBufAllocator alloc;
  private final LoopMemory memory;
  private final int maxMessageBytes;
  private final boolean gzip;
  private @Nullable ByteBuf kept;

  /** What is taken from the loop's memory for {@link #kept}. */
  private int keptBytes;

  private @Nullable ByteBuf lent;
  private boolean compressed;

  /**
   * A deframer.
   *
   * @param memory that what is kept counts against
   * @param gzip whether the request said that its messages may be compressed
   */
  Deframer(ByteBufAllocator alloc, LoopMemory memory, int maxMessageBytes, boolean gzip) {
    this.alloc = alloc;
    this.memory = memory;
    this.maxMessageBytes = maxMessageBytes;
    this.gzip = gzip;
  }

  /**
   * Lends more bytes.
   *
   * @throws MemoryLimitException if what is kept would become more than is left beside the other
   *     requests; then nothing is lent
   */
  void begin(ByteBuf data) {
    ByteBuf before = kept;
    if (before == null) {
      lent = data;
    } else {
      reserve(before, data.readableBytes());
      before.writeBytes(data);
    }
  }

  private void reserve(ByteBuf buffer, int bytes) {
    if (bytes > buffer.writableBytes()) {
      int room = Math.max(bytes, buffer.readableBytes());
      int missing = Math.max(0, buffer.writerIndex() + room - keptBytes);
      memory.take(missing);
      keptBytes += missing;
      buffer.ensureWritable(room);
    }
  }

  /**
   * The next message, decompressed, which the caller then owns; null if there is no whole one.
   *
   * @throws GrpcProblem if what comes next is not a message, or too long
   */
  @Nullable ByteBuf next() throws GrpcProblem {
    ByteBuf source = kept != null ? kept : lent;
    if (source == null || source.readableBytes() < PREFIX_BYTES) {
      return null;
    }
    int start = source.readerIndex();
    int length = length(source, start);
    if (source.readableBytes() - PREFIX_BYTES < length) {
      return null;
    }
    compressed = source.getByte(start) == 1;
    source.skipBytes(PREFIX_BYTES);
    return compressed
        ? Gzip.decompress(source.readSlice(length), maxMessageBytes, alloc)
        : source.readRetainedSlice(length);
  }

  private int length(ByteBuf source, int start) throws GrpcProblem {
    int flag = source.getUnsignedByte(start);
    if (flag > 1) {
      throw new GrpcProblem(GrpcStatus.INTERNAL, "message flag: " + flag + " (expected: 0 or 1)");
    }
    if (flag == 1 && !gzip) {
      throw new GrpcProblem(
          GrpcStatus.INTERNAL, "message is compressed (expected: grpc-encoding to say how)");
    }
    long length = source.getUnsignedInt(start + 1);
    if (length > maxMessageBytes) {
      throw new GrpcProblem(
          GrpcStatus.RESOURCE_EXHAUSTED,
          "message: " + length + " bytes (expected: at most " + maxMessageBytes + ")");
    }
    return (int) length;
  }

  /**
   * Takes the loan back: keeps a copy of what is left.
   *
   * @throws MemoryLimitException if that is more than is left beside the other requests; then
   *     nothing is kept
   */
  void end() {
    ByteBuf before = kept;
    if (before != null) {
      if (!before.isReadable()) {
        free();
      } else if (before.readerIndex() > 0) {
        try {
          keep(before);
        } finally {
          before.release();
        }
      }
    } else if (lent != null && lent.isReadable()) {
      ByteBuf rest = lent;
      lent = null;
      keep(rest);
    }
    lent = null;
  }

  /** A copy, so that messages which somebody retained are not moved by what arrives later. */
  private void keep(ByteBuf rest) {
    kept = null;
    int bytes = expected(rest);
    memory.give(keptBytes);
    keptBytes = 0;
    memory.take(bytes);
    keptBytes = bytes;
    kept = alloc.directBuffer(bytes).writeBytes(rest);
  }

  private static int expected(ByteBuf rest) {
    int expected = rest.readableBytes();
    if (expected >= PREFIX_BYTES) {
      long whole = PREFIX_BYTES + rest.getUnsignedInt(rest.readerIndex() + 1);
      expected = (int) Math.max(expected, Math.min(whole, FIRST_BYTES));
    }
    return expected;
  }

  /** Whether bytes of a message that is not whole are left. */
  boolean isInMessage() {
    return kept != null;
  }

  /** Whether the message that was returned last came compressed. */
  boolean wasCompressed() {
    return compressed;
  }

  /** Gives the memory back, and any loan. Doing so twice does no harm. */
  void free() {
    lent = null;
    ByteBuf before = kept;
    if (before != null) {
      before.release();
      kept = null;
      memory.give(keptBytes);
      keptBytes = 0;
    }
  }
}
