package io.salver.server.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.salver.server.access.Caller;
import io.salver.server.access.Principal;
import io.salver.server.net.LoopContext;
import io.salver.server.net.Peer;
import io.salver.server.net.Transfer;
import org.jspecify.annotations.Nullable;

/** A call as its handler sees it. Confined to {@link #loop()}. */
public interface GrpcCall extends Caller, Transfer {
  /** The event loop of the connection. */
  LoopContext loop();

  @Override
  default @Nullable String header(String lowerCaseName) {
    return requestMetadata().get(lowerCaseName);
  }

  @Override
  Peer peer();

  /** On whose behalf the call is made; {@link Principal#NOBODY} until that is known. */
  @Override
  Principal principal();

  /** Says on whose behalf the call is made. Called before it is handled. */
  void actAs(Principal principal);

  /** When the last byte that was looked at was read, as {@link System#nanoTime()}. */
  long receivedNs();

  /** When the client gives up, as {@link System#nanoTime()}; {@link Long#MAX_VALUE} for never. */
  long deadlineNs();

  /** What the client sent beside the messages. */
  GrpcMetadata requestMetadata();

  /** Whether the last message came compressed. */
  boolean isMessageCompressed();

  /** Whether the call ended before it was answered. What is answered then goes nowhere. */
  boolean isCancelled();

  /** Runs {@code action} on the loop if the call ends before it is answered. */
  void onCancel(Runnable action);

  /**
   * Says whether the messages from here on are compressed, if the client understands that. Unless
   * this is called they are where the request was, but for short ones.
   */
  void compressReplies(boolean compress);

  /**
   * Sends a header before the first message; after that it is too late.
   *
   * @param name in lower case
   * @param value of printable characters
   */
  void addInitialMetadata(AsciiString name, AsciiString value);

  /** Sends a header after the last message. */
  void addTrailer(String name, String value);

  /** Sends a binary header after the last message; its name ends in {@code -bin}. */
  void addTrailer(String name, byte[] value);

  /** A buffer for a message, in which the first 5 bytes are taken: they are the layer's own. */
  ByteBuf newMessage(int sizeHintBytes);

  /**
   * Ends the call with a failure, unless it has ended.
   *
   * @param status not OK
   */
  void fail(GrpcStatus status, String message);
}
