package io.salver.server.tls;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.OptionalSslHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Makes way for TLS, or for what answers a client that does not speak it. */
final class TlsDetector extends OptionalSslHandler {
  private final Duration handshakeTimeout;
  private final ChannelHandler forPlainText;

  TlsDetector(SslContext context, Duration handshakeTimeout, ChannelHandler forPlainText) {
    super(context);
    this.handshakeTimeout = handshakeTimeout;
    this.forPlainText = forPlainText;
  }

  @Override
  protected SslHandler newSslHandler(ChannelHandlerContext ctx, SslContext context) {
    SslHandler handler = super.newSslHandler(ctx, context);
    handler.setHandshakeTimeout(handshakeTimeout.toNanos(), TimeUnit.NANOSECONDS);
    return handler;
  }

  @Override
  protected ChannelHandler newNonSslHandler(ChannelHandlerContext ctx) {
    return forPlainText;
  }
}
