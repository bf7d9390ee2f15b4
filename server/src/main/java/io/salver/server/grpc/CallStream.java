package io.salver.server.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.salver.predict.ServingException;
import io.salver.server.access.Principal;
import io.salver.server.http.ExtraHeaders;
import io.salver.server.http.ServerStream;
import io.salver.server.net.LoopContext;
import io.salver.tensor.MemoryLimitException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What all calls have in common: headers, deadline, cancellation, and how they end. */
abstract class CallStream extends ServerStream implements GrpcCall {
  private static final System.Logger LOG = System.getLogger(CallStream.class.getName());

  /** The shortest reply that is compressed because the request was. */
  private static final int COMPRESSED_BYTES = 1 << 10;

  private final Entrance entrance;
  private final int maxMessageBytes;
  private final GrpcMetadata metadata;
  private Principal principal = Principal.NOBODY;
  private @Nullable Deframer deframer;
  private long receivedNs;
  private long deadlineNs = Long.MAX_VALUE;
  private long requestBytes;
  private long responseBytes;
  private boolean clientReadsGzip;
  private boolean compress;
  private boolean compressDecided;
  private boolean awaitsRequest;
  private boolean atGate;
  private boolean admitted;
  private boolean requestComplete;
  private boolean headersSent;
  private boolean gzipDeclared;
  private boolean ended;
  private boolean cancelled;
  private @Nullable Runnable onCancel;
  private @Nullable ExtraHeaders initialMetadata;
  private @Nullable Http2Headers trailers;

  /** A method that is served, and who lets its calls in. */
  record Entrance(GrpcMethod method, CallGate gate) {}

  CallStream(Entrance entrance, Http2Headers headers, int maxMessageBytes) {
    this.entrance = entrance;
    this.metadata = new GrpcMetadata(headers);
    this.maxMessageBytes = maxMessageBytes;
  }

  @Override
  protected final void onHeaders(Http2Headers headers, boolean last) {
    receivedNs = readNs();
    try {
      boolean gzip = isGzip(headers.get(GrpcHeaders.ENCODING));
      deframer = new Deframer(alloc(), eventLoop().memory(), maxMessageBytes, gzip);
      CharSequence accepted = headers.get(GrpcHeaders.ACCEPT_ENCODING);
      clientReadsGzip = accepted != null && AsciiString.contains(accepted, GrpcHeaders.GZIP);
      CharSequence timeout = headers.get(GrpcHeaders.TIMEOUT);
      if (timeout != null) {
        deadlineNs = receivedNs + GrpcTimeout.parseNs(timeout);
      }
      atGate = true;
      entrance.gate().enter(entrance.method().fullName(), this, this::admit);
      atGate = false;
      if (admitted) {
        opened();
      }
      if (last) {
        requestComplete();
      }
      scheduleDeadline(last);
    } catch (GrpcProblem e) {
      abort(e);
    } catch (RuntimeException | Error e) {
      abort(e);
    }
  }

  /** Lets the handler see the call: at once, or, if the gate took its time, with what has come. */
  private void admit() {
    admitted = true;
    if (atGate || ended) {
      return;
    }
    try {
      opened();
      catchUp();
      if (requestComplete && !ended) {
        halfClosed();
      }
    } catch (GrpcProblem e) {
      abort(e);
    } catch (RuntimeException | Error e) {
      abort(e);
    }
  }

  private void requestComplete() throws GrpcProblem {
    requestComplete = true;
    if (admitted && !ended) {
      halfClosed();
    }
  }

  private static boolean isGzip(@Nullable CharSequence encoding) throws GrpcProblem {
    if (encoding == null || AsciiString.contentEquals(encoding, "identity")) {
      return false;
    }
    if (AsciiString.contentEquals(encoding, GrpcHeaders.GZIP)) {
      return true;
    }
    throw new GrpcProblem(
        GrpcStatus.UNIMPLEMENTED, "grpc-encoding: " + encoding + " (expected: gzip or identity)");
  }

  private void scheduleDeadline(boolean requestComplete) {
    awaitsRequest = !requestComplete && mustKeepSending();
    if (ended) {
      return;
    }
    long patienceNs = awaitsRequest ? readTimeout().toNanos() : Long.MAX_VALUE;
    if (deadlineNs != Long.MAX_VALUE && deadlineNs - receivedNs <= patienceNs) {
      deadlineAt(deadlineNs);
    } else {
      deadlineAt(awaitsRequest ? receivedNs + patienceNs : Long.MAX_VALUE);
    }
  }

  @Override
  protected final int onData(ByteBuf data, boolean last) {
    int count = data.readableBytes();
    if (ended) {
      return count;
    }
    receivedNs = readNs();
    requestBytes += count;
    Deframer frames = deframer();
    int done = count;
    try {
      frames.begin(data);
      done = received(frames, count);
      frames.end();
      if (last) {
        requestComplete();
      }
      scheduleDeadline(last);
    } catch (GrpcProblem e) {
      frames.free();
      abort(e);
    } catch (RuntimeException | Error e) {
      frames.free();
      abort(e);
    }
    return done;
  }

  final Deframer deframer() {
    return Objects.requireNonNull(deframer, "before the headers");
  }

  /** The headers are there, and the call is let in. */
  abstract void opened() throws GrpcProblem;

  /** The call was let in late, and more than its headers may be there. */
  abstract void catchUp() throws GrpcProblem;

  /**
   * More bytes are there.
   *
   * @return how many of the {@code count} are done with
   */
  abstract int received(Deframer frames, int count) throws GrpcProblem;

  /** Whether the handler knows of the call. */
  final boolean isAdmitted() {
    return admitted;
  }

  /** Asks whether a message of a call that goes on may be handled. */
  final boolean takeMessage() {
    return entrance.gate().takeMessage(this);
  }

  /** The client has sent everything; called with no bytes on loan. */
  abstract void halfClosed() throws GrpcProblem;

  /** Whether a pause in the request is a fault of the client. */
  abstract boolean mustKeepSending();

  /** The call ended in whatever way, and memory goes back. */
  void released() {}

  @Override
  protected final void onClosed() {
    if (!ended) {
      cancel();
    }
    if (deframer != null) {
      deframer.free();
    }
    released();
  }

  @Override
  protected final void onDeadline() {
    long nowNs = System.nanoTime();
    if (awaitsRequest && (deadlineNs == Long.MAX_VALUE || nowNs - deadlineNs < 0)) {
      abort(
          GrpcStatus.CANCELLED,
          "no whole request (expected: bytes at least every " + readTimeout().toMillis() + " ms)");
    } else {
      abort(
          GrpcStatus.DEADLINE_EXCEEDED,
          "deadline exceeded " + (nowNs - receivedNs) / 1_000_000 + " ms after the request");
    }
  }

  private void cancel() {
    ended = true;
    cancelled = true;
    if (onCancel != null) {
      onCancel.run();
    }
  }

  /** Fails the call for a reason that its handler does not know of, and tells the handler. */
  final void abort(GrpcProblem problem) {
    abort(problem.status(), problem.text());
  }

  /** The same, because the handler has thrown {@code failure}. */
  final void abort(Throwable failure) {
    if (failure instanceof ServingException expected) {
      abort(GrpcStatus.of(expected.category()), expected.getMessage());
    } else if (failure instanceof MemoryLimitException limit) {
      abort(ServingException.of(limit));
    } else {
      LOG.log(System.Logger.Level.ERROR, "handler of a call failed", failure);
      abort(GrpcStatus.INTERNAL, "internal error: " + failure);
    }
  }

  private void abort(GrpcStatus status, String message) {
    if (!ended) {
      fail(status, message);
      cancel();
    }
  }

  @Override
  public final void fail(GrpcStatus status, String message) {
    eventLoop().requireInLoop();
    if (!ended) {
      ended = true;
      writeHeaders(GrpcHeaders.failure(status, message, !headersSent, trailers), true);
    }
  }

  /** Writes the headers if they are not, and a message. */
  final void sendMessage(ByteBuf message, @Nullable ChannelFutureListener written) {
    eventLoop().requireInLoop();
    if (ended) {
      message.release();
      return;
    }
    boolean wanted = wantsCompressed(message);
    sendHeaders(wanted);
    boolean gzip = wanted && gzipDeclared;
    ByteBuf framed = gzip ? Gzip.compress(message, alloc()) : message;
    int start = framed.readerIndex();
    framed.setByte(start, gzip ? 1 : 0);
    framed.setInt(start + 1, framed.readableBytes() - Deframer.PREFIX_BYTES);
    responseBytes += framed.readableBytes();
    if (written == null) {
      writeData(framed, false);
    } else {
      writeData(framed, false, written);
    }
  }

  /** Where the handler does not say, a client that compresses gets the same in return. */
  private boolean wantsCompressed(ByteBuf message) {
    return compressDecided
        ? compress
        : deframer().wasCompressed() && message.readableBytes() >= COMPRESSED_BYTES;
  }

  private void sendHeaders(boolean compressed) {
    if (!headersSent) {
      headersSent = true;
      gzipDeclared = compressed && clientReadsGzip;
      writeHeaders(GrpcHeaders.response(gzipDeclared, initialMetadata), false);
    }
  }

  final void sendSuccess() {
    if (!ended) {
      sendHeaders(false);
      ended = true;
      writeHeaders(GrpcHeaders.success(trailers), true);
    }
  }

  final boolean isEnded() {
    return ended;
  }

  @Override
  public final LoopContext loop() {
    return eventLoop();
  }

  @Override
  public final Principal principal() {
    return principal;
  }

  @Override
  public final void actAs(Principal principal) {
    this.principal = principal;
  }

  @Override
  public final long receivedNs() {
    return receivedNs;
  }

  @Override
  public final long deadlineNs() {
    return deadlineNs;
  }

  @Override
  public final long requestBytes() {
    return requestBytes;
  }

  @Override
  public final long responseBytes() {
    return responseBytes;
  }

  @Override
  public final GrpcMetadata requestMetadata() {
    return metadata;
  }

  @Override
  public final boolean isMessageCompressed() {
    return deframer().wasCompressed();
  }

  @Override
  public final boolean isCancelled() {
    return cancelled;
  }

  @Override
  public final void onCancel(Runnable action) {
    onCancel = action;
    if (cancelled) {
      action.run();
    }
  }

  @Override
  public final void compressReplies(boolean compress) {
    this.compress = compress;
    this.compressDecided = true;
  }

  @Override
  public final void addInitialMetadata(AsciiString name, AsciiString value) {
    if (initialMetadata == null) {
      initialMetadata = new ExtraHeaders();
    }
    initialMetadata.add(name, value);
  }

  @Override
  public final void addTrailer(String name, String value) {
    trailers = added(trailers, name, AsciiString.of(value));
  }

  @Override
  public final void addTrailer(String name, byte[] value) {
    trailers = added(trailers, name, GrpcHeaders.base64(value));
  }

  private static Http2Headers added(
      @Nullable Http2Headers headers, String name, CharSequence value) {
    return (headers == null ? new DefaultHttp2Headers() : headers).add(AsciiString.of(name), value);
  }

  @Override
  public final ByteBuf newMessage(int sizeHintBytes) {
    return alloc()
        .directBuffer(Deframer.PREFIX_BYTES + sizeHintBytes)
        .writerIndex(Deframer.PREFIX_BYTES);
  }
}
