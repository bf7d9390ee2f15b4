package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.salver.server.net.Loop;
import io.salver.server.net.Peer;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request over HTTP/2 and its answer, from its headers until it is closed. Confined to the loop
 * of its connection.
 */
public abstract class ServerStream {
  // Set by attach(), before anything else is called.
  private @Nullable Http2Connection connection;
  private @Nullable Http2Stream stream;
  private long expiresNs = Long.MAX_VALUE;
  private long openedNs;
  private long unsentBytes;
  private boolean progressed;
  private boolean stalling;

  final void attach(Http2Connection connection, Http2Stream stream) {
    this.connection = connection;
    this.stream = stream;
    this.openedNs = connection.readNs();
  }

  /** Takes the request's headers; called first, and once. */
  protected abstract void onHeaders(Http2Headers headers, boolean last);

  /**
   * Takes a part of the request's body.
   *
   * @param data lent for the time of the call
   * @param last whether the request ends with it
   * @return how many of its bytes are done with, so that the client may send as many more; the
   *     others are named to {@link #consumed} later
   */
  protected abstract int onData(ByteBuf data, boolean last);

  /** The stream is closed, after its answer or because the client or the connection went away. */
  protected abstract void onClosed();

  /** The time given to {@link #deadlineAt} has come. */
  protected void onDeadline() {}

  /**
   * The connection drains: it takes no more streams, and closes when those that are open have
   * ended.
   */
  protected void onDrain() {}

  /** Whether the client waits for this stream's end: if not, cutting it off loses no answer. */
  protected boolean isAwaited() {
    return true;
  }

  private Http2Connection connection() {
    return Objects.requireNonNull(connection, "not attached");
  }

  private Http2Stream stream() {
    return Objects.requireNonNull(stream, "not attached");
  }

  /** The other end of the connection. */
  public final Peer peer() {
    return connection().peer();
  }

  /** The loop of the connection. */
  protected final Loop eventLoop() {
    return connection().loop();
  }

  /** Where buffers for {@link #writeData} come from. */
  protected final ByteBufAllocator alloc() {
    return connection().alloc();
  }

  /** The other end of the connection. */
  public final SocketAddress remote() {
    return connection().remote();
  }

  /** When the bytes that are being looked at were read, as {@link System#nanoTime()}. */
  protected final long readNs() {
    return connection().readNs();
  }

  /** The longest pause between two parts of a request that a server puts up with. */
  protected final Duration readTimeout() {
    return connection().limits().readTimeout();
  }

  /** Writes headers, or trailers. Flushed at the end of the read, or soon. */
  protected final void writeHeaders(Http2Headers headers, boolean last) {
    connection().writeHeaders(stream(), headers, last);
  }

  /** Writes data, which is released when it was written; the same holds for flushing. */
  protected final void writeData(ByteBuf data, boolean last) {
    connection().writeData(stream(), data, last, null);
  }

  /** As above, and tells {@code written} when the data has left flow control, or has failed. */
  protected final void writeData(ByteBuf data, boolean last, ChannelFutureListener written) {
    connection().writeData(stream(), data, last, written);
  }

  /** Says that so many more bytes of the request are done with. */
  protected final void consumed(int bytes) {
    connection().consumed(stream(), bytes);
  }

  /** Ends the stream at once. */
  protected final void reset(Http2Error error) {
    connection().reset(stream(), error);
  }

  /** Asks for {@link #onDeadline} at this time, as {@link System#nanoTime()}. */
  protected final void deadlineAt(long deadlineNs) {
    this.expiresNs = deadlineNs;
    connection().deadlines().add(deadlineNs);
  }

  /** When its headers were read, as {@link System#nanoTime()}. */
  final long openedNs() {
    return openedNs;
  }

  /**
   * Says how much flow control holds back of what was written.
   *
   * @return how much more than before that is
   */
  final long unsent(long bytes) {
    long change = bytes - unsentBytes;
    progressed |= change < 0;
    unsentBytes = bytes;
    return change;
  }

  /** Whether something was held back since this was asked before, and nothing of it was taken. */
  final boolean isStalled() {
    boolean stalled = stalling && unsentBytes > 0 && !progressed;
    stalling = unsentBytes > 0;
    progressed = false;
    return stalled;
  }

  final long expiresNs() {
    return expiresNs;
  }

  final void expire() {
    expiresNs = Long.MAX_VALUE;
    onDeadline();
  }
}
