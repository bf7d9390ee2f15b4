package io.salver.server.grpc;

import io.netty.buffer.ByteBuf;

/** A call that is answered with one message. */
public interface UnaryCall extends GrpcCall {
  /**
   * Answers, once.
   *
   * @param message from {@link #newMessage}; now owned by the layer
   */
  void reply(ByteBuf message);
}
