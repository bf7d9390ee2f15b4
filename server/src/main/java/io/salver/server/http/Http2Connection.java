package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.ReferenceCountUtil;
import io.salver.server.net.Connection;
import io.salver.server.net.Loop;
import io.salver.server.net.Peer;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/2 connection on Netty's codec. Streams are kept in a property of the codec's own stream
 * objects: a channel for each of them would cost more than the rest of a small request.
 */
final class Http2Connection extends Http2ConnectionHandler implements Connection {
  private static final System.Logger LOG = System.getLogger(Http2Connection.class.getName());
  private static final long DRAIN_PING = 0x53616c766572L;
  private static final long PROBE_PING = 0x50726f6265L;

  private final Loop loop;
  private final HttpLimits limits;
  private final Http2Guard guard;
  private final UnsentAnswers unsent;
  private final WriteMerger merger;
  private final Http2Frames frames;
  private final Runnable flushNow = this::flushNow;
  private @Nullable Http2Upkeep upkeep;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Deadlines deadlines;
  private @Nullable Peer peer;
  private long readNs = System.nanoTime();
  private boolean inRead;

  /** Something was written since the last flush, not counting what the codec writes by itself. */
  private boolean written;

  private boolean flushPending;
  private boolean draining;

  /** It drains, because the server does or because it is old. */
  private boolean retired;

  Http2Connection(
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings,
      HttpProtocols protocols,
      Loop loop,
      UnsentAnswers unsent,
      WriteMerger merger) {
    super(decoder, encoder, settings);
    this.loop = loop;
    this.limits = protocols.limits();
    this.guard = new Http2Guard(limits, readNs);
    this.unsent = unsent;
    this.merger = merger;
    this.frames = new Http2Frames(this, protocols, encoder.connection(), unsent, guard);
    decoder.frameListener(frames);
    encoder.connection().addListener(frames.closedStreams());
  }

  Loop loop() {
    return loop;
  }

  ByteBufAllocator alloc() {
    return context().alloc();
  }

  HttpLimits limits() {
    return limits;
  }

  long readNs() {
    return readNs;
  }

  Deadlines deadlines() {
    return Objects.requireNonNull(deadlines, "not in a pipeline");
  }

  Peer peer() {
    Peer known = peer;
    if (known == null) {
      known = Peer.of(context().channel());
      peer = known;
    }
    return known;
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context, "not in a pipeline");
  }

  SocketAddress remote() {
    return context().channel().remoteAddress();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    context = ctx;
    deadlines = new Deadlines(ctx.channel().eventLoop(), this::sweep);
    super.handlerAdded(ctx);
    Http2Stream all = connection().connectionStream();
    int extra = limits.connectionWindowBytes() - decoder().flowController().windowSize(all);
    if (extra > 0) {
      decoder().flowController().incrementWindowSize(all, extra);
    }
    ctx.flush();
    loop.opened(this);
    upkeep = new Http2Upkeep(this, frames, limits, ctx);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    inRead = true;
    readNs = System.nanoTime();
    try {
      guard.read((ByteBuf) message, readNs);
    } catch (Http2Exception e) {
      ReferenceCountUtil.release(message);
      onError(ctx, false, e);
      return;
    }
    super.channelRead(ctx, message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    inRead = false;
    super.channelReadComplete(ctx);
  }

  /**
   * Flushes what there is. The codec asks after every read, and most end with nothing to send: the
   * requests of a turn are answered at its end.
   */
  @Override
  public void flush(ChannelHandlerContext ctx) {
    if (written || unsent.totalBytes() > 0 || !merger.isFlushed()) {
      written = false;
      super.flush(ctx);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    loop.closed(this);
    if (upkeep != null) {
      upkeep.end();
    }
    super.channelInactive(ctx);
  }

  /**
   * Reads no more from a client that does not read: what it asks for, down to the answers to pings,
   * would pile up here.
   */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
    ctx.channel().config().setAutoRead(ctx.channel().isWritable());
    super.channelWritabilityChanged(ctx);
  }

  void writeHeaders(Http2Stream stream, Http2Headers headers, boolean last) {
    ChannelHandlerContext ctx = context();
    ChannelPromise promise = ctx.newPromise();
    stopSenderAfter(stream, last, promise);
    guard.wrote(0);
    encoder().writeHeaders(ctx, stream.id(), headers, 0, last, promise);
    flushSoon();
    if (last && !inRead && connection().numActiveStreams() == 0) {
      // Nobody else waits for an answer that could go with this one.
      flush(ctx);
    }
  }

  void writeData(
      Http2Stream stream, ByteBuf data, boolean last, @Nullable ChannelFutureListener written) {
    ChannelHandlerContext ctx = context();
    ChannelPromise promise = ctx.newPromise();
    if (written != null) {
      promise.addListener(written);
    }
    stopSenderAfter(stream, last, promise);
    guard.wrote(data.readableBytes());
    if (last || !writeWithinWindows(ctx, stream, data, promise)) {
      encoder().writeData(ctx, stream.id(), data, 0, last, promise);
    }
    flushSoon();
  }

  /**
   * Writes data at once, where flow control would let it pass: its queues cost a small answer more
   * than all else that is done to send it.
   *
   * @return false, and nothing is done, if flow control has a say
   */
  private boolean writeWithinWindows(
      ChannelHandlerContext ctx, Http2Stream stream, ByteBuf data, ChannelPromise promise) {
    Http2RemoteFlowController flow = encoder().flowController();
    Http2Stream all = connection().connectionStream();
    int bytes = data.readableBytes();
    if (flow.hasFlowControlled(stream)
        || bytes > flow.windowSize(stream)
        || bytes > flow.windowSize(all)
        || !ctx.channel().isWritable()) {
      return false;
    }
    try {
      flow.incrementWindowSize(stream, -bytes);
      flow.incrementWindowSize(all, -bytes);
    } catch (Http2Exception e) {
      throw new AssertionError("a window that shrinks does not overflow", e);
    }
    encoder().frameWriter().writeData(ctx, stream.id(), data, 0, false, promise);
    return true;
  }

  /** When the answer is complete before the request is, tells the client to send no more of it. */
  private void stopSenderAfter(Http2Stream stream, boolean last, ChannelPromise promise) {
    if (last && stream.state().remoteSideOpen()) {
      promise.addListener((ChannelFuture written) -> stopSender(stream, written));
    }
  }

  private void stopSender(Http2Stream stream, ChannelFuture written) {
    if (written.isSuccess() && stream.state() != Http2Stream.State.CLOSED) {
      reset(stream, Http2Error.NO_ERROR);
    }
  }

  void consumed(Http2Stream stream, int bytes) {
    try {
      if (decoder().flowController().consumeBytes(stream, bytes)) {
        flushSoon();
      }
    } catch (Http2Exception e) {
      onError(context(), true, e);
    }
  }

  void reset(Http2Stream stream, Http2Error error) {
    ChannelHandlerContext ctx = context();
    resetStream(ctx, stream.id(), error.code(), ctx.newPromise());
    flushSoon();
  }

  /**
   * Flushes once for all that is written in one turn of the loop. What is written while reading is
   * flushed by the codec when the read is complete.
   */
  private void flushSoon() {
    written = true;
    if (!inRead && !flushPending) {
      flushPending = true;
      context().executor().execute(flushNow);
    }
  }

  private void flushNow() {
    flushPending = false;
    flush(context());
  }

  private void sweep() {
    frames.expire(System.nanoTime(), deadlines());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) != null) {
      super.exceptionCaught(ctx, cause);
      return;
    }
    LOG.log(
        cause instanceof IOException || cause instanceof DecoderException
            ? System.Logger.Level.DEBUG
            : System.Logger.Level.ERROR,
        "connection failed",
        cause);
    context().close();
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext ctx, boolean outbound, Throwable cause, Http2Exception exception) {
    LOG.log(System.Logger.Level.DEBUG, "connection failed", cause);
    super.onConnectionError(ctx, outbound, cause, exception);
  }

  /**
   * Asks the client to open no more streams, and counts those that were on their way when it read
   * that: it answers the ping after it.
   */
  @Override
  public void drain() {
    if (retired) {
      return;
    }
    retired = true;
    draining = true;
    ChannelHandlerContext ctx = context();
    goAway(
        ctx,
        Integer.MAX_VALUE,
        Http2Error.NO_ERROR.code(),
        Unpooled.EMPTY_BUFFER,
        ctx.newPromise());
    encoder().writePing(ctx, false, DRAIN_PING, ctx.newPromise());
    flushSoon();
    ctx.executor().schedule(this::finishDraining, 4 * DRAIN_GRACE_MS, TimeUnit.MILLISECONDS);
  }

  /** Asks the client for a sign of life. */
  void ping() {
    ChannelHandlerContext ctx = context();
    encoder().writePing(ctx, false, PROBE_PING, ctx.newPromise());
    flushSoon();
  }

  void pingAnswered(long data) {
    if (data == DRAIN_PING) {
      finishDraining();
    }
  }

  /** Takes no more streams; closes when those that are open have ended. */
  private void finishDraining() {
    if (draining) {
      draining = false;
      ChannelHandlerContext ctx = context();
      goAway(
          ctx,
          connection().remote().lastStreamCreated(),
          Http2Error.NO_ERROR.code(),
          Unpooled.EMPTY_BUFFER,
          ctx.newPromise());
      frames.drain();
      flushSoon();
      ctx.channel().close();
    }
  }

  @Override
  public void abort() {
    // The codec's own close would wait for the streams.
    context().close();
  }

  @Override
  public int unanswered() {
    return frames.awaited();
  }
}
