package io.salver.server.grpc;

import io.netty.buffer.ByteBuf;

/** What happens to a streaming call. Everything is called on its loop, and must not block. */
public interface StreamListener {
  /**
   * A message that was asked for.
   *
   * @param message without prefix, decompressed; released after this returns, unless retained
   */
  void onMessage(ByteBuf message);

  /** The client has sent its last message. */
  void onHalfClose();

  /** The call ended before it was closed here: the client cancelled, left, or its time is over. */
  default void onCancel() {}

  /**
   * The server shuts down. A call that would not end soon by itself must end here; it is cut off
   * later if it does not.
   */
  default void onDrain() {}

  /** {@link StreamCall#isReady} has become true again. */
  default void onReady() {}
}
