package io.salver.engine.oip;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamFrame;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** Collects the answer of one call, on the event loop. */
final class GrpcStream extends SimpleChannelInboundHandler<Http2StreamFrame> {
  /** A compressed-flag and the length of the message. */
  private static final int PREFIX_BYTES = 5;

  private static final String NO_MESSAGE = "the answer is not one plain message";

  private final CompletableFuture<GrpcReply> reply;
  private final int maxBytes;
  private final byte[] prefix = new byte[PREFIX_BYTES];
  private byte[] message = new byte[0];
  private int readBytes;

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
    while (content.isReadable()) {
      if (readBytes < PREFIX_BYTES) {
        prefix[readBytes++] = content.readByte();
        if (readBytes == PREFIX_BYTES && !begin(context)) {
          return;
        }
        continue;
      }
      int bytes = content.readableBytes();
      if (bytes > PREFIX_BYTES + message.length - readBytes) {
        fail(GrpcReply.INTERNAL, NO_MESSAGE);
        context.close();
        return;
      }
      content.readBytes(message, readBytes - PREFIX_BYTES, bytes);
      readBytes += bytes;
    }
    if (data.isEndStream()) {
      fail(GrpcReply.INTERNAL, "the answer ended without a status");
    }
  }

  /** Makes room for the message, once its length is known. */
  private boolean begin(ChannelHandlerContext context) {
    long length = ByteBuffer.wrap(prefix, 1, Integer.BYTES).getInt() & 0xffff_ffffL;
    if (prefix[0] != 0 || length > maxBytes) {
      fail(
          GrpcReply.INTERNAL,
          prefix[0] != 0
              ? NO_MESSAGE
              : "answer of " + length + " bytes (expected: at most " + maxBytes + ")");
      context.close();
      return false;
    }
    message = new byte[(int) length];
    return true;
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
    if (readBytes < PREFIX_BYTES || readBytes < PREFIX_BYTES + message.length) {
      fail(GrpcReply.INTERNAL, NO_MESSAGE);
      return;
    }
    reply.complete(new GrpcReply(status, "", message));
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
    reply.completeExceptionally(new IOException("the connection was closed"));
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    reply.completeExceptionally(cause);
    context.close();
  }
}
