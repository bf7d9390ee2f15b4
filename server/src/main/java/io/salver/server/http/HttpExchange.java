package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.salver.server.access.Caller;
import io.salver.server.access.Principal;
import io.salver.server.net.LoopContext;
import io.salver.server.net.Peer;
import io.salver.server.net.Transfer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One HTTP request and its answer. Confined to {@link #loop()}. */
public interface HttpExchange extends Caller, Transfer {
  /** As {@code POST}. */
  String method();

  /** The request target up to the first question mark, not percent-decoded. */
  String path();

  /** What follows the first question mark, not percent-decoded; empty if there is nothing. */
  String query();

  /** The first header of this name, or null. Also when it has been answered. */
  @Override
  @Nullable String header(String lowerCaseName);

  /**
   * The body, decompressed, from index 0; longer than {@link #bodyLength()}. Reused: valid until
   * the exchange is answered.
   */
  byte[] body();

  /** The length of the body in bytes. */
  int bodyLength();

  /** The event loop of the connection. */
  LoopContext loop();

  @Override
  Peer peer();

  /** On whose behalf the request is made; {@link Principal#NOBODY} until that is known. */
  @Override
  Principal principal();

  /** Says on whose behalf the request is made. Called before the request is handled. */
  void actAs(Principal principal);

  /** When the last byte was read, as {@link System#nanoTime()}. */
  long receivedNs();

  /** Runs {@code action} on the loop if the client goes away before the answer. */
  void onAbandoned(Runnable action);

  /**
   * Runs {@code onLate} on the loop at {@code deadlineNs}, as {@link System#nanoTime()}, if there
   * is no answer by then. To be asked for once, by handlers that have not answered when they
   * return.
   */
  void expireAt(long deadlineNs, Runnable onLate);

  /**
   * A buffer for the answer's body, with room in front of it for the head: answering with it costs
   * no copy. Released by the caller if it is not given to {@code respond}.
   */
  ByteBuf newBody(int sizeHintBytes);

  /**
   * Has the answer carry {@code headers} too. Called at most once, right before {@link #respond}.
   */
  void addHeaders(ExtraHeaders headers);

  /** Answers with no headers but the usual ones. Takes ownership of {@code body}. */
  default void respond(int status, String contentType, ByteBuf body) {
    respond(status, contentType, Map.of(), body);
  }

  /**
   * Answers, once. Takes ownership of {@code body}. Does nothing more than that if the client has
   * gone away.
   *
   * @param headers further headers, names in lower case; not content-length
   */
  void respond(int status, String contentType, Map<String, String> headers, ByteBuf body);

  /**
   * Answers, once, with a body that is sent piece by piece; not compressed. For GET.
   *
   * @param headers as for {@link #respond}
   * @return the body to send; it has ended if the client has gone away
   */
  AnswerStream stream(int status, String contentType, Map<String, String> headers);
}
