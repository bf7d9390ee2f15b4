package io.salver.server.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
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
  private final int maxMessageBytes;
  private final boolean gzip;
  private @Nullable ByteBuf kept;
  private @Nullable ByteBuf lent;
  private boolean compressed;

  /**
   * A deframer.
   *
   * @param gzip whether the request said that its messages may be compressed
   */
  Deframer(ByteBufAllocator alloc, int maxMessageBytes, boolean gzip) {
    this.alloc = alloc;
    this.maxMessageBytes = maxMessageBytes;
    this.gzip = gzip;
  }

  /** Lends more bytes. */
  void begin(ByteBuf data) {
    ByteBuf before = kept;
    if (before == null) {
      lent = data;
    } else {
      reserve(before, data.readableBytes());
      before.writeBytes(data);
    }
  }

  private static void reserve(ByteBuf buffer, int bytes) {
    if (bytes > buffer.writableBytes()) {
      buffer.ensureWritable(Math.max(bytes, buffer.readableBytes()));
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

  /** Takes the loan back: keeps a copy of what is left. */
  void end() {
    ByteBuf before = kept;
    if (before != null) {
      if (!before.isReadable()) {
        free();
      } else if (before.readerIndex() > 0) {
        kept = copy(before);
        before.release();
      }
    } else if (lent != null && lent.isReadable()) {
      kept = copy(lent);
    }
    lent = null;
  }

  /** A copy, so that messages which somebody retained are not moved by what arrives later. */
  private ByteBuf copy(ByteBuf rest) {
    int expected = rest.readableBytes();
    if (expected >= PREFIX_BYTES) {
      long whole = PREFIX_BYTES + rest.getUnsignedInt(rest.readerIndex() + 1);
      expected = (int) Math.max(expected, Math.min(whole, FIRST_BYTES));
    }
    return alloc.directBuffer(expected).writeBytes(rest);
  }

  /** Whether bytes of a message that is not whole are left. */
  boolean isInMessage() {
    return kept != null;
  }

  /** Whether the message that was returned last came compressed. */
  boolean wasCompressed() {
    return compressed;
  }

  /** Gives the memory back. Doing so twice does no harm. */
  void free() {
    ByteBuf before = kept;
    if (before != null) {
      before.release();
      kept = null;
    }
  }
}
