package io.salver.server.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Compression of single messages. */
final class Gzip {
  private static final int CHUNK_BYTES = 8 << 10;

  private Gzip() {}

  /**
   * Decompresses.
   *
   * @return a buffer that the caller owns
   * @throws GrpcProblem if {@code compressed} is not gzip, or would become longer than {@code
   *     maxBytes}
   */
  static ByteBuf decompress(ByteBuf compressed, int maxBytes, ByteBufAllocator alloc)
      throws GrpcProblem {
    ByteBuf message = alloc.directBuffer(2 * compressed.readableBytes());
    try (GZIPInputStream in =
        new GZIPInputStream(new ByteBufInputStream(compressed), CHUNK_BYTES)) {
      while (message.writeBytes(in, CHUNK_BYTES) >= 0) {
        if (message.readableBytes() > maxBytes) {
          throw new GrpcProblem(
              GrpcStatus.RESOURCE_EXHAUSTED,
              "message: more than "
                  + maxBytes
                  + " bytes decompressed (expected: at most "
                  + maxBytes
                  + ")");
        }
      }
      return message;
    } catch (IOException e) {
      message.release();
      throw new GrpcProblem(GrpcStatus.INTERNAL, "message is not gzip: " + e.getMessage());
    } catch (GrpcProblem e) {
      message.release();
      throw e;
    }
  }

  /**
   * Compresses a message, leaving room for the prefix in front.
   *
   * @param message with the prefix's room; released
   */
  static ByteBuf compress(ByteBuf message, ByteBufAllocator alloc) {
    ByteBuf compressed =
        alloc.directBuffer(message.readableBytes()).writeZero(Deframer.PREFIX_BYTES);
    try (GZIPOutputStream out = new GZIPOutputStream(new ByteBufOutputStream(compressed))) {
      message.skipBytes(Deframer.PREFIX_BYTES).readBytes(out, message.readableBytes());
    } catch (IOException e) {
      throw new AssertionError("a buffer does not fail", e);
    } finally {
      message.release();
    }
    return compressed;
  }
}
