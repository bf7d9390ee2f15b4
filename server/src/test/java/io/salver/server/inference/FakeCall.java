package io.salver.server.inference;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.EmptyHttp2Headers;
import io.netty.util.AsciiString;
import io.salver.server.access.Principal;
import io.salver.server.grpc.GrpcMetadata;
import io.salver.server.grpc.GrpcStatus;
import io.salver.server.grpc.UnaryCall;
import io.salver.server.net.LoopContext;
import io.salver.server.net.Peer;
import java.util.List;

/** A call that remembers how it was answered, and fails the test if that is twice. */
public final class FakeCall implements UnaryCall {
  private static final int PREFIX_BYTES = 5;

  private final LoopContext loop;
  private byte[] reply = new byte[0];
  private GrpcStatus status = GrpcStatus.UNKNOWN;
  private String message = "";
  private boolean answered;
  private boolean cancelled;
  private Runnable onCancel = () -> {};

  public FakeCall(LoopContext loop) {
    this.loop = loop;
  }

  public void cancel() {
    cancelled = true;
    onCancel.run();
  }

  public boolean isAnswered() {
    return answered;
  }

  public byte[] reply() {
    return reply.clone();
  }

  public GrpcStatus status() {
    return status;
  }

  public String message() {
    return message;
  }

  @Override
  public LoopContext loop() {
    return loop;
  }

  @Override
  public Peer peer() {
    return new Peer(Peer.Kind.UNIX_SOCKET, "", List.of());
  }

  @Override
  public Principal principal() {
    return Principal.NOBODY;
  }

  @Override
  public void actAs(Principal principal) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long receivedNs() {
    return System.nanoTime();
  }

  @Override
  public long deadlineNs() {
    return Long.MAX_VALUE;
  }

  @Override
  public GrpcMetadata requestMetadata() {
    return new GrpcMetadata(EmptyHttp2Headers.INSTANCE);
  }

  @Override
  public boolean isMessageCompressed() {
    return false;
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public void onCancel(Runnable action) {
    onCancel = action;
  }

  @Override
  public void compressReplies(boolean compress) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void addInitialMetadata(AsciiString name, AsciiString value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void addTrailer(String name, String value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void addTrailer(String name, byte[] value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ByteBuf newMessage(int sizeHintBytes) {
    return Unpooled.directBuffer(PREFIX_BYTES + sizeHintBytes).writeZero(PREFIX_BYTES);
  }

  @Override
  public void reply(ByteBuf answer) {
    answered(GrpcStatus.OK, "");
    answer.skipBytes(PREFIX_BYTES);
    reply = new byte[answer.readableBytes()];
    answer.readBytes(reply);
    answer.release();
  }

  @Override
  public void fail(GrpcStatus failure, String reason) {
    answered(failure, reason);
  }

  private void answered(GrpcStatus how, String reason) {
    if (answered) {
      throw new AssertionError("answered twice: " + status + ", then " + how + " " + reason);
    }
    answered = true;
    status = how;
    message = reason;
  }
}
