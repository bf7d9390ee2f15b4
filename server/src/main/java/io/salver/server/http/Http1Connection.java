package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.salver.server.http.ResponseHead.Persistence;
import io.salver.server.net.Connection;
import io.salver.server.net.Loop;
import io.salver.server.net.Peer;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An HTTP/1 connection: reads requests one after the other and answers them in that order. */
final class Http1Connection extends ChannelInboundHandlerAdapter implements Connection {
  private static final System.Logger LOG = System.getLogger(Http1Connection.class.getName());
  private static final int MAX_PIPELINED = 64;
  private static final int COPY_BYTES = 4 << 10;
  private static final long LINGER_MS = 2000;
  private static final ByteBuf CONTINUE =
      Unpooled.unreleasableBuffer(
          Unpooled.directBuffer()
              .writeBytes("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));

  private final HttpHandler handler;
  private final HttpLimits limits;
  private final Loop loop;
  private final Http1Decoder decoder;
  private final Http1Requests requests;
  private final ResponseHead head = new ResponseHead();

  /** In order of arrival; the last one may still be read. */
  private final ArrayDeque<Http1Exchange> open = new ArrayDeque<>();

  private @Nullable ChannelHandlerContext context;
  private @Nullable Deadlines deadlines;
  private @Nullable Http1Exchange reading;
  private @Nullable Peer peer;

  /** Nothing that arrives from now on is looked at. */
  private boolean deaf;

  private final OutboundProgress progress = new OutboundProgress();

  /** The first answer is one that is sent piece by piece, and has begun. */
  private boolean streaming;

  private boolean draining;
  private boolean inRead;
  private boolean unflushed;

  Http1Connection(HttpProtocols protocols, Loop loop) {
    this.handler = protocols.handler();
    this.limits = protocols.limits();
    this.loop = loop;
    this.decoder = new Http1Decoder(limits);
    this.requests = new Http1Requests(this, handler, loop);
  }

  Http1Decoder decoder() {
    return decoder;
  }

  Loop loop() {
    return loop;
  }

  ByteBufAllocator alloc() {
    return context().alloc();
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

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    deadlines = new Deadlines(ctx.channel().eventLoop(), this::expire);
    loop.opened(this);
    checkAfter(limits.readTimeout().toNanos());
  }

  SocketAddress remote() {
    return context().channel().remoteAddress();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    inRead = true;
    try {
      if (!deaf) {
        read(message);
      }
    } catch (HttpRefusal e) {
      refuse(e.problem());
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void read(Object message) throws HttpRefusal {
    if (message instanceof HttpRequest request) {
      begin(request);
    }
    if (message instanceof HttpContent content && reading != null) {
      Http1Requests.requireValid(content);
      reading.requestBody().append(content.content());
      if (content instanceof LastHttpContent) {
        finish(reading);
      }
    }
  }

  private void begin(HttpRequest request) throws HttpRefusal {
    decoder.headEnded();
    Http1Exchange exchange = requests.accept(request);
    open.addLast(exchange);
    reading = exchange;
    tellToContinue();
    if (open.size() >= MAX_PIPELINED) {
      context().channel().config().setAutoRead(false);
    }
  }

  private void finish(Http1Exchange exchange) throws HttpRefusal {
    exchange.requestBody().complete();
    reading = null;
    decoder.requestEnded();
    deaf = !exchange.keepAlive();
    exchange.dispatched(decoder.lastReadNs());
    try {
      handler.handle(exchange);
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "handler of " + exchange.path() + " failed", e);
      exchange.refuse(new HttpProblem(500, "internal error: " + e));
    }
  }

  /** Answers what is being read with a problem, after those before it, and closes. */
  private void refuse(HttpProblem problem) {
    Http1Exchange refused = reading;
    if (refused == null) {
      refused = requests.unreadable();
      open.addLast(refused);
    }
    reading = null;
    deaf = true;
    refused.dispatched(decoder.lastReadNs());
    refused.refuse(problem);
  }

  private void tellToContinue() {
    Http1Exchange first = open.peekFirst();
    if (first != null && first == reading && first.takeAwaitsContinue()) {
      context().writeAndFlush(CONTINUE.duplicate(), context().voidPromise());
    }
  }

  /** Writes the answers that are there, in order, up to the first that is not. */
  void answered() {
    boolean wrote = false;
    Http1Exchange first = open.peekFirst();
    while (first != null && first.isAnswered() && !streaming) {
      Http1AnswerStream stream = first.answerStream();
      if (stream != null) {
        begin(first, stream);
        return;
      }
      open.removeFirst();
      write(first);
      wrote = true;
      first = open.peekFirst();
    }
    if (wrote) {
      if (!inRead) {
        flush();
      }
      if (open.size() < MAX_PIPELINED / 2) {
        mayRead();
      }
      tellToContinue();
    }
  }

  private void write(Http1Exchange exchange) {
    boolean close = (deaf || draining || isOld()) && open.isEmpty();
    Persistence persistence =
        close
            ? Persistence.CLOSE
            : exchange.isHttp10() ? Persistence.KEEP_ALIVE : Persistence.IMPLIED;
    ByteBuf body = exchange.takeAnswer();
    exchange.buildHead(head, body.readableBytes(), persistence);
    if (exchange.isHead()) {
      body.clear();
    }
    if (exchange.hasRoom(body, head.length())) {
      body.readerIndex(body.readerIndex() - head.length());
      head.copyTo(body, body.readerIndex());
      write(body);
    } else {
      writeApart(body);
    }
    if (close) {
      closeAfterWrites();
    }
  }

  /** Begins an answer that ends with the connection; requests behind it are for another one. */
  private void begin(Http1Exchange exchange, Http1AnswerStream stream) {
    streaming = true;
    deaf = true;
    reading = null;
    while (open.size() > 1) {
      open.removeLast().abandon();
    }
    exchange.buildHead(head, ResponseHead.UNKNOWN, Persistence.CLOSE);
    ByteBuf out = alloc().directBuffer(head.length());
    head.copyTo(out, 0);
    out.writerIndex(head.length());
    write(out);
    stream.begin();
    if (!inRead) {
      flush();
    }
  }

  /** Writes a part of the answer that is being streamed, and tells {@code written} when it left. */
  void writePiece(ByteBuf out, ChannelFutureListener written) {
    unflushed = true;
    context().write(out).addListener(written);
    if (!inRead) {
      flush();
    }
  }

  /** Writes the end of the answer that is being streamed. */
  void streamEnded(ByteBuf out) {
    streaming = false;
    open.clear();
    write(out);
    closeAfterWrites();
  }

  private boolean isOld() {
    long ageNs = decoder.lastReadNs() - decoder.openedNs();
    return limits.maxConnectionAge().isPositive() && ageNs >= limits.maxConnectionAge().toNanos();
  }

  private void writeApart(ByteBuf body) {
    boolean copy = body.readableBytes() <= COPY_BYTES;
    ByteBuf out = alloc().directBuffer(head.length() + (copy ? body.readableBytes() : 0));
    head.copyTo(out, 0);
    out.writerIndex(head.length());
    if (copy) {
      out.writeBytes(body);
      body.release();
      write(out);
    } else {
      write(out);
      write(body);
    }
  }

  private void write(ByteBuf out) {
    unflushed = true;
    context().write(out, context().voidPromise());
  }

  private void flush() {
    if (unflushed) {
      unflushed = false;
      context().flush();
    }
  }

  /** Closes without cutting off what the client has yet to read: it may still be sending. */
  private void closeAfterWrites() {
    deaf = true;
    ChannelHandlerContext ctx = context();
    endOutput(ctx)
        .addListener(_ -> {
          if (ctx.channel() instanceof DuplexChannel channel) {
            channel.shutdownOutput();
          }
          ctx.executor().schedule(() -> ctx.close(), LINGER_MS, TimeUnit.MILLISECONDS);
        });
  }

  /** Flushes; over TLS also says that nothing follows. */
  private static ChannelFuture endOutput(ChannelHandlerContext ctx) {
    ChannelFuture flushed = ctx.writeAndFlush(Unpooled.EMPTY_BUFFER);
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    return tls == null ? flushed : tls.closeOutbound();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    inRead = false;
    flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      mayRead();
    } else {
      ctx.channel().config().setAutoRead(false);
    }
  }

  private void mayRead() {
    if (context().channel().isWritable() && !context().channel().config().isAutoRead()) {
      context().channel().config().setAutoRead(true);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    deaf = true;
    loop.closed(this);
    open.forEach(Http1Exchange::abandon);
    open.clear();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.log(
        cause instanceof IOException || cause instanceof DecoderException
            ? System.Logger.Level.DEBUG
            : System.Logger.Level.ERROR,
        "connection failed",
        cause);
    ctx.close();
  }

  @Override
  public void drain() {
    draining = true;
    ChannelHandlerContext ctx = context();
    open.stream()
        .map(Http1Exchange::answerStream)
        .filter(Objects::nonNull)
        .toList()
        .forEach(AnswerStream::end);
    ctx.executor().schedule(this::closeIfUnused, DRAIN_GRACE_MS, TimeUnit.MILLISECONDS);
  }

  private void closeIfUnused() {
    if (open.isEmpty() && !deaf) {
      context().close();
    }
  }

  @Override
  public void abort() {
    context().close();
  }

  @Override
  public int unanswered() {
    return streaming ? 0 : open.size();
  }

  private void expire() {
    long nowNs = System.nanoTime();
    List.copyOf(open).forEach(exchange -> exchange.expire(nowNs, deadlines()));
  }

  private void checkAfter(long delayNs) {
    context().executor().schedule(this::check, delayNs, TimeUnit.NANOSECONDS);
  }

  /** Closes if the client has taken nothing of the last answers since this was called before. */
  private void closeUnlessRead() {
    if (progress.isStuck(context().channel())) {
      context().close();
    } else {
      checkAfter(limits.readTimeout().toNanos());
    }
  }

  /** Ends the connection of a client that is too slow or has gone quiet. */
  private void check() {
    if (!context().channel().isActive()) {
      return;
    }
    if (deaf && open.isEmpty()) {
      closeUnlessRead();
      return;
    }
    long nowNs = System.nanoTime();
    long readNs = limits.readTimeout().toNanos();
    boolean waiting = !deaf && (reading != null || decoder.inHead());
    long sinceNs = decoder.inHead() ? decoder.headStartNs() : decoder.lastReadNs();
    if (waiting && nowNs - sinceNs >= readNs) {
      refuse(
          new HttpProblem(
              408,
              "no whole request (expected: bytes at least every " + readNs / 1_000_000 + " ms)"));
      flush();
    } else if (open.isEmpty() && nowNs - sinceNs >= limits.idleTimeout().toNanos()) {
      context().close();
    } else {
      long restNs = waiting ? readNs - (nowNs - sinceNs) : readNs;
      checkAfter(Math.max(restNs, 1_000_000));
    }
  }
}
