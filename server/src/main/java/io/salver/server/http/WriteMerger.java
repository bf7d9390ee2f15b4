package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;

/**
 * Copies small writes together. A small answer over HTTP/2 is five buffers, and each of them costs
 * more in the channel's queue and in the system call than copying its bytes does.
 *
 * <p>A write that was copied counts as written: should the connection break after that, the streams
 * learn it from the connection.
 */
final class WriteMerger extends ChannelOutboundHandlerAdapter {
  private static final int COPY_BYTES = 2 << 10;
  private static final int MERGED_BYTES = 16 << 10;

  private @Nullable ByteBuf merged;
  private boolean written;

  /** Whether nothing was written since the last flush. */
  boolean isFlushed() {
    return !written;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    written = true;
    if (message instanceof ByteBuf bytes && bytes.readableBytes() <= COPY_BYTES) {
      copy(ctx, bytes);
      if (!promise.isVoid()) {
        promise.trySuccess();
      }
    } else {
      writeMerged(ctx);
      ctx.write(message, promise);
    }
  }

  private void copy(ChannelHandlerContext ctx, ByteBuf bytes) {
    ByteBuf target = merged;
    if (target != null && target.writableBytes() < bytes.readableBytes()) {
      writeMerged(ctx);
      target = null;
    }
    if (target == null) {
      target = ctx.alloc().directBuffer(MERGED_BYTES);
      merged = target;
    }
    target.writeBytes(bytes);
    bytes.release();
  }

  private void writeMerged(ChannelHandlerContext ctx) {
    ByteBuf target = merged;
    if (target != null) {
      merged = null;
      ctx.write(target, ctx.voidPromise());
    }
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    written = false;
    writeMerged(ctx);
    ctx.flush();
  }

  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    flush(ctx);
    ctx.close(promise);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (merged != null) {
      merged.release();
      merged = null;
    }
  }
}
