package io.salver.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Tells the client of a connection, in plain HTTP/1.1, why it is not served, hears nothing of what
 * it says, and closes. Clients of HTTP/2 show the text as what they had not expected.
 */
final class Refusal extends ChannelInboundHandlerAdapter {
  private static final long LINGER_MS = 1000;
  private static final ByteBuf PLAIN_TEXT =
      answer("400 Bad Request", "plain text on a port for TLS (expected: https, or gRPC over TLS)");
  private static final ByteBuf TOO_MANY =
      answer(
          "503 Service Unavailable", "connections: as many as may be (expected: try again later)");

  private final ByteBuf answer;

  private Refusal(ByteBuf answer) {
    this.answer = answer;
  }

  /** For a client that should have spoken TLS. */
  static Refusal ofPlainText() {
    return new Refusal(PLAIN_TEXT);
  }

  /** For a client that comes when there are as many as are served at once. */
  static Refusal ofOneTooMany() {
    return new Refusal(TOO_MANY);
  }

  private static ByteBuf answer(String status, String message) {
    String body = "{\"error\": \"" + message + "\"}\n";
    String head =
        "HTTP/1.1 "
            + status
            + "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n";
    byte[] bytes = (head + body).getBytes(StandardCharsets.US_ASCII);
    return Unpooled.unreleasableBuffer(
        Unpooled.directBuffer(bytes.length).writeBytes(bytes).asReadOnly());
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (ctx.channel().isActive()) {
      refuse(ctx);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    refuse(ctx);
  }

  private void refuse(ChannelHandlerContext ctx) {
    ctx.writeAndFlush(answer.duplicate())
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

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
