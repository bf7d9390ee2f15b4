package io.salver.server.http;

import io.netty.buffer.ByteBuf;

/**
 * An answer that is sent piece by piece, for as long as both sides want. Confined to the loop of
 * its exchange.
 *
 * <p>Nothing piles up for a client that reads slowly: what it has no room for is not sent. The
 * answer also ends when the client goes away, and when its connection drains.
 */
public interface AnswerStream {
  /**
   * Sends a piece at once. Takes ownership of {@code piece}.
   *
   * @return false, and it is dropped, if the client has not taken the pieces before it, if answers
   *     to earlier requests of its connection are still to come, or if this answer has ended
   */
  boolean send(ByteBuf piece);

  /** Whether neither side has ended it. */
  boolean isOpen();

  /** Ends it. Does nothing if it has ended. */
  void end();
}
