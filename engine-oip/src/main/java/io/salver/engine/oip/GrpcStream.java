package io.salver.engine.oip;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamFrame;
import java.io.ByteArrayOutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/** Collects the answer of one call, on the event loop. */
final class GrpcStream extends SimpleChannelInboundHandler<Http2StreamFrame> {
  /** A compressed-flag and the length of the message. */
  private static final int PREFIX_BYTES = 5;

  private final CompletableFuture<GrpcReply> reply;
  private final int maxBytes;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  /**
   * A stream.
   *
   * @param maxBytes the most that an answer may have
   */
  GrpcStream(CompletableFuture<GrpcReply> reply, int maxBytes) {
    this.reply = reply;
    this.maxBytes = maxBytes;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, Http2StreamFrame frame) {
    switch (frame) {
      case Http2HeadersFrame headers when headers.isEndStream() -> end(headers.headers());
      case Http2HeadersFrame headers -> checkHttp(headers.headers());
      case Http2DataFrame data -> add(context, data);
      case Http2ResetFrame reset ->
          fail(GrpcReply.INTERNAL, "the stream was reset with " + reset.errorCode());
      default -> {}
    }
  }

  private void checkHttp(Http2Headers headers) {
    if (!"200".contentEquals(String.valueOf(headers.status()))) {
      fail(GrpcReply.UNKNOWN, "HTTP status " + headers.status() + " (expected: 200)");
    }
  }

  private void add(ChannelHandlerContext context, Http2DataFrame data) {
    ByteBuf content = data.content();
    if (content.readableBytes() > maxBytes + PREFIX_BYTES - body.size()) {
      fail(
          GrpcReply.INTERNAL,
          "answer of more than " + maxBytes + " bytes (expected: at most that)");
      context.close();
      return;
    }
    byte[] bytes = new byte[content.readableBytes()];
    content.readBytes(bytes);
    body.writeBytes(bytes);
    if (data.isEndStream()) {
      fail(GrpcReply.INTERNAL, "the answer ended without a status");
    }
  }

  private void end(Http2Headers trailers) {
    int status;
    try {
      status = Integer.parseInt(String.valueOf(trailers.get("grpc-status")));
    } catch (NumberFormatException e) {
      fail(
          GrpcReply.UNKNOWN,
          "grpc-status: " + trailers.get("grpc-status") + " (expected: a number)");
      return;
    }
    if (status != GrpcReply.OK) {
      CharSequence message = trailers.get("grpc-message");
      fail(status, message == null ? "" : decode(message.toString()));
      return;
    }
    byte[] all = body.toByteArray();
    int length =
        all.length < PREFIX_BYTES
            ? -1
            : (all[1] & 0xff) << 24 | (all[2] & 0xff) << 16 | (all[3] & 0xff) << 8 | all[4] & 0xff;
    if (length != all.length - PREFIX_BYTES || all[0] != 0) {
      fail(GrpcReply.INTERNAL, "the answer is not one plain message");
      return;
    }
    reply.complete(new GrpcReply(status, "", Arrays.copyOfRange(all, PREFIX_BYTES, all.length)));
  }

  private static String decode(String message) {
    try {
      return URLDecoder.decode(message.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return message;
    }
  }

  private void fail(int status, String message) {
    reply.complete(new GrpcReply(status, message, new byte[0]));
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    reply.completeExceptionally(new java.io.IOException("the connection was closed"));
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    reply.completeExceptionally(cause);
    context.close();
  }
}
