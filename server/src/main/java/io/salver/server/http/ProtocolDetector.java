package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.salver.server.net.Connection;
import io.salver.server.net.Loop;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads until it is clear which protocol a client speaks, and makes way for it. */
final class ProtocolDetector extends ByteToMessageDecoder implements Connection {
  private static final System.Logger LOG = System.getLogger(ProtocolDetector.class.getName());
  private static final ByteBuf PREFACE = Http2CodecUtil.connectionPrefaceBuf();

  private final HttpProtocols protocols;
  private final Loop loop;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ScheduledFuture<?> timeout;

  ProtocolDetector(HttpProtocols protocols, Loop loop) {
    this.protocols = protocols;
    this.loop = loop;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    timeout =
        ctx.executor()
            .schedule(
                () -> ctx.close(),
                protocols.limits().readTimeout().toNanos(),
                TimeUnit.NANOSECONDS);
    loop.opened(this);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int known = Math.min(in.readableBytes(), PREFACE.readableBytes());
    boolean isHttp2 =
        ByteBufUtil.equals(in, in.readerIndex(), PREFACE, PREFACE.readerIndex(), known);
    if (isHttp2 && known < PREFACE.readableBytes()) {
      return;
    }
    ChannelPipeline pipeline = ctx.pipeline();
    if (isHttp2) {
      WriteMerger merger = new WriteMerger();
      pipeline.addLast(merger, Http2ConnectionBuilder.build(protocols, loop, merger));
    } else {
      Http1Connection connection = new Http1Connection(protocols, loop);
      pipeline.addLast(connection.decoder(), connection);
    }
    pipeline.remove(this);
  }

  /** A handshake that failed, or a client that is gone: an everyday thing. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.log(System.Logger.Level.DEBUG, "connection failed", cause);
    ctx.close();
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) {
    if (timeout != null) {
      timeout.cancel(false);
    }
    loop.closed(this);
  }

  @Override
  public void drain() {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      ctx.executor().schedule(() -> closeIfHere(ctx), DRAIN_GRACE_MS, TimeUnit.MILLISECONDS);
    }
  }

  private static void closeIfHere(ChannelHandlerContext ctx) {
    if (!ctx.isRemoved()) {
      ctx.close();
    }
  }

  @Override
  public void abort() {
    if (context != null) {
      context.close();
    }
  }

  @Override
  public int unanswered() {
    return 0;
  }
}
