package io.salver.server.grpc;

import io.netty.buffer.ByteBuf;

/** Answers the calls of a unary method. Called by all event loops. */
@FunctionalInterface
public interface UnaryHandler {
  /**
   * Called on the call's loop when the request is complete. Must not block. What it throws fails
   * the call: a {@link io.salver.predict.ServingException} with its category, anything else with
   * INTERNAL.
   *
   * @param message the request message, without prefix and decompressed; released after this
   *     returns, unless retained
   */
  void handle(UnaryCall call, ByteBuf message);
}
