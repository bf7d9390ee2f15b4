package io.salver.server.grpc;

import io.netty.buffer.ByteBuf;

/** A call with any number of messages either way. */
public interface StreamCall extends GrpcCall {
  /** Asks for so many more messages. What is not asked for stays with the client. */
  void request(int count);

  /** Whether little enough is waiting to be sent that more may be. Nothing enforces it. */
  boolean isReady();

  /**
   * Sends a message.
   *
   * @param message from {@link #newMessage}; now owned by the layer
   */
  void send(ByteBuf message);

  /** Ends the call with success, after what was sent. */
  void close();
}
