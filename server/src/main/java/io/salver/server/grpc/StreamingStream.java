package io.salver.server.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A streaming call: delivers messages as they are asked for. */
final class StreamingStream extends CallStream implements StreamCall {
  private static final int READY_BYTES = 64 << 10;

  private final StreamHandler handler;
  private @Nullable StreamListener listener;
  private long demand;

  /** Bytes for which the client has not been given new room yet. */
  private int heldBytes;

  private boolean delivering;
  private boolean anyDelivered;
  private boolean clientDone;
  private boolean halfClosedDelivered;
  private long unsentBytes;

  StreamingStream(
      StreamHandler handler, Entrance entrance, Http2Headers headers, int maxMessageBytes) {
    super(entrance, headers, maxMessageBytes);
    this.handler = handler;
  }

  @Override
  void opened() throws GrpcProblem {
    StreamListener opened = handler.open(this);
    listener = opened;
    onCancel(opened::onCancel);
  }

  @Override
  void catchUp() {
    resume();
  }

  @Override
  int received(Deframer frames, int count) throws GrpcProblem {
    deliver(frames);
    int done = demand > 0 || isEnded() ? count + heldBytes : 0;
    heldBytes = heldBytes + count - done;
    return done;
  }

  @Override
  void halfClosed() throws GrpcProblem {
    clientDone = true;
    finishIfDone();
  }

  @Override
  protected void onDrain() {
    if (isEnded()) {
      return;
    }
    if (!isAdmitted()) {
      abort(new GrpcProblem(GrpcStatus.UNAVAILABLE, "the server is being shut down"));
      return;
    }
    try {
      listener().onDrain();
    } catch (RuntimeException | Error e) {
      abort(e);
    }
  }

  @Override
  protected boolean isAwaited() {
    return false;
  }

  @Override
  boolean mustKeepSending() {
    return false;
  }

  @Override
  public void request(int count) {
    eventLoop().requireInLoop();
    if (count < 1) {
      throw new IllegalArgumentException("request: " + count + " (expected: >= 1)");
    }
    demand += count;
    if (listener != null && !delivering && !isEnded()) {
      resume();
    }
  }

  private void resume() {
    Deframer frames = deframer();
    try {
      deliver(frames);
      frames.end();
      if (demand > 0 && heldBytes > 0) {
        int bytes = heldBytes;
        heldBytes = 0;
        consumed(bytes);
      }
      finishIfDone();
    } catch (GrpcProblem e) {
      abort(e);
    } catch (RuntimeException | Error e) {
      abort(e);
    }
  }

  private void deliver(Deframer frames) throws GrpcProblem {
    delivering = true;
    try {
      while (demand > 0 && !isEnded()) {
        ByteBuf message = frames.next();
        if (message == null) {
          return;
        }
        demand--;
        if (anyDelivered && !takeMessage()) {
          message.release();
          return;
        }
        anyDelivered = true;
        deliver(message);
      }
    } finally {
      delivering = false;
    }
  }

  private void deliver(ByteBuf message) {
    try {
      listener().onMessage(message);
    } finally {
      message.release();
    }
  }

  private StreamListener listener() {
    return Objects.requireNonNull(listener, "not opened");
  }

  private void finishIfDone() throws GrpcProblem {
    if (!clientDone || halfClosedDelivered || isEnded()) {
      return;
    }
    if (!deframer().isInMessage()) {
      halfClosedDelivered = true;
      listener().onHalfClose();
    } else if (demand > 0) {
      throw new GrpcProblem(
          GrpcStatus.INTERNAL, "request ended inside a message (expected: as long as announced)");
    }
  }

  @Override
  public boolean isReady() {
    return !isEnded() && unsentBytes < READY_BYTES;
  }

  @Override
  public void send(ByteBuf message) {
    int bytes = message.readableBytes();
    unsentBytes += bytes;
    sendMessage(message, _ -> sent(bytes));
  }

  private void sent(int bytes) {
    boolean wasReady = unsentBytes < READY_BYTES;
    unsentBytes -= bytes;
    if (!wasReady && isReady()) {
      try {
        listener().onReady();
      } catch (RuntimeException | Error e) {
        abort(e);
      }
    }
  }

  @Override
  public void close() {
    eventLoop().requireInLoop();
    sendSuccess();
  }
}
