package io.salver.server.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import org.jspecify.annotations.Nullable;

/** A unary call: waits for the whole request, then hands it on. */
final class UnaryStream extends CallStream implements UnaryCall {
  private final UnaryHandler handler;
  private @Nullable ByteBuf message;
  private int messageBytes;

  UnaryStream(UnaryHandler handler, Entrance entrance, Http2Headers headers, int maxMessageBytes) {
    super(entrance, headers, maxMessageBytes);
    this.handler = handler;
  }

  @Override
  void opened() {}

  @Override
  void catchUp() {}

  @Override
  int received(Deframer frames, int count) throws GrpcProblem {
    for (ByteBuf next = frames.next(); next != null; next = frames.next()) {
      if (message != null) {
        next.release();
        throw new GrpcProblem(
            GrpcStatus.UNIMPLEMENTED, "request messages: more than one (expected: exactly one)");
      }
      message = next;
    }
    frames.end();
    if (message != null && messageBytes == 0) {
      int bytes = message.readableBytes();
      eventLoop().memory().take(bytes);
      messageBytes = bytes;
    }
    return count;
  }

  @Override
  void halfClosed() throws GrpcProblem {
    if (deframer().isInMessage()) {
      throw new GrpcProblem(
          GrpcStatus.INTERNAL, "request ended inside a message (expected: as long as announced)");
    }
    ByteBuf complete = message;
    if (complete == null) {
      throw new GrpcProblem(
          GrpcStatus.UNIMPLEMENTED, "request messages: none (expected: exactly one)");
    }
    message = null;
    try {
      handler.handle(this, complete);
    } finally {
      release(complete);
    }
  }

  @Override
  boolean mustKeepSending() {
    return true;
  }

  @Override
  public void reply(ByteBuf reply) {
    sendMessage(reply, null);
    sendSuccess();
  }

  @Override
  void released() {
    if (message != null) {
      release(message);
      message = null;
    }
  }

  private void release(ByteBuf taken) {
    taken.release();
    eventLoop().memory().give(messageBytes);
    messageBytes = 0;
  }
}
