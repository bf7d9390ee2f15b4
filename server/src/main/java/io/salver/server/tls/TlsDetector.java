package io.salver.server.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.OptionalSslHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Makes way for TLS, or tells a client that does not speak it what it should have done. */
final class TlsDetector extends OptionalSslHandler {
  private static final long LINGER_MS = 1000;
  private static final ByteBuf REFUSAL = Unpooled.unreleasableBuffer(refusal());

  private final Duration handshakeTimeout;

  TlsDetector(SslContext context, Duration handshakeTimeout) {
    super(context);
    this.handshakeTimeout = handshakeTimeout;
  }

  private static ByteBuf refusal() {
    String body =
        "{\"error\": \"plain text on a port for TLS (expected: https, or gRPC over TLS)\"}\n";
    String head =
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n"
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n";
    byte[] bytes = (head + body).getBytes(StandardCharsets.US_ASCII);
    return Unpooled.directBuffer(bytes.length).writeBytes(bytes);
  }

  @Override
  protected SslHandler newSslHandler(ChannelHandlerContext ctx, SslContext context) {
    SslHandler handler = super.newSslHandler(ctx, context);
    handler.setHandshakeTimeout(handshakeTimeout.toNanos(), TimeUnit.NANOSECONDS);
    return handler;
  }

  @Override
  protected ChannelHandler newNonSslHandler(ChannelHandlerContext ctx) {
    return new Refuse();
  }

  /** Answers whatever came, hears no more, and closes. */
  private static final class Refuse extends ChannelInboundHandlerAdapter {
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      ctx.writeAndFlush(REFUSAL.duplicate())
          .addListener(_ -> {
            if (ctx.channel() instanceof DuplexChannel channel) {
              channel.shutdownOutput();
            }
            ctx.executor().schedule(() -> ctx.close(), LINGER_MS, TimeUnit.MILLISECONDS);
          });
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }
  }
}
