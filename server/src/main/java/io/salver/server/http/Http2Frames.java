package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection.PropertyKey;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Brings the frames of a connection to the streams that they are for. */
final class Http2Frames extends Http2FrameAdapter {
  private final Http2Connection owner;
  private final HttpProtocols protocols;
  private final io.netty.handler.codec.http2.Http2Connection connection;
  private final PropertyKey streamKey;
  private final UnsentAnswers unsent;
  private final Http2Guard guard;

  /** The stream that the client is taking back now. */
  private int resetStreamId;

  Http2Frames(
      Http2Connection owner,
      HttpProtocols protocols,
      io.netty.handler.codec.http2.Http2Connection connection,
      UnsentAnswers unsent,
      Http2Guard guard) {
    this.owner = owner;
    this.protocols = protocols;
    this.connection = connection;
    this.streamKey = unsent.streamKey();
    this.unsent = unsent;
    this.guard = guard;
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int streamDependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean last) {
    onHeadersRead(ctx, streamId, headers, padding, last);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean last) {
    Http2Stream stream = connection.stream(streamId);
    ServerStream known = stream.getProperty(streamKey);
    if (known != null) {
      known.onData(Unpooled.EMPTY_BUFFER, last);
      return;
    }
    if (unsent.totalBytes() > protocols.limits().maxUnsentBytes()) {
      owner.reset(stream, Http2Error.REFUSED_STREAM);
      return;
    }
    ServerStream opened = protocols.service().accept(headers);
    if (opened == null) {
      opened = new HttpStream(protocols.handler(), headers);
    }
    opened.attach(owner, stream);
    stream.setProperty(streamKey, opened);
    opened.onHeaders(headers, last);
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean last) {
    int count = data.readableBytes();
    ServerStream stream = connection.stream(streamId).getProperty(streamKey);
    return padding + (stream == null ? count : stream.onData(data, last));
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode)
      throws Http2Exception {
    resetStreamId = streamId;
    Http2Stream stream = connection.stream(streamId);
    ServerStream ours = stream == null ? null : stream.getProperty(streamKey);
    if (ours != null) {
      long nowNs = owner.readNs();
      guard.reset(nowNs - ours.openedNs(), nowNs);
    }
  }

  @Override
  public void onPingAckRead(ChannelHandlerContext ctx, long data) {
    owner.pingAnswered(data);
  }

  /** Expires the streams whose deadline has come, and adds the deadlines of the others. */
  void expire(long nowNs, Deadlines deadlines) {
    List<ServerStream> late = new ArrayList<>();
    visit(stream -> {
      long deadlineNs = stream.expiresNs();
      if (deadlineNs != Long.MAX_VALUE && deadlineNs - nowNs <= 0) {
        late.add(stream);
      } else {
        deadlines.add(deadlineNs);
      }
    });
    late.forEach(ServerStream::expire);
  }

  boolean isWithoutStreams() {
    return connection.numActiveStreams() == 0;
  }

  /** Ends the streams of whose answers nothing was taken since this was called before. */
  void endStalledStreams() {
    List<ServerStream> stalled = new ArrayList<>();
    visit(stream -> {
      if (stream.isStalled()) {
        stalled.add(stream);
      }
    });
    stalled.forEach(stream -> stream.reset(Http2Error.CANCEL));
  }

  /** Tells the streams that are open that the connection drains. */
  void drain() {
    List<ServerStream> open = new ArrayList<>();
    visit(open::add);
    open.forEach(ServerStream::onDrain);
  }

  /** How many open streams a client waits for the end of. */
  int awaited() {
    int[] count = {0};
    visit(stream -> count[0] += stream.isAwaited() ? 1 : 0);
    return count[0];
  }

  private void visit(Consumer<ServerStream> visitor) {
    try {
      connection.forEachActiveStream(stream -> {
        ServerStream ours = stream.getProperty(streamKey);
        if (ours != null) {
          visitor.accept(ours);
        }
        return true;
      });
    } catch (Http2Exception e) {
      throw new AssertionError("the visitor does not throw", e);
    }
  }

  /** Tells streams that they are closed. */
  Http2ConnectionAdapter closedStreams() {
    return new Http2ConnectionAdapter() {
      @Override
      public void onStreamClosed(Http2Stream stream) {
        @Nullable ServerStream ours = stream.removeProperty(streamKey);
        if (ours != null) {
          unsent.closed(ours);
          if (stream.id() != resetStreamId) {
            guard.answered();
          }
          ours.onClosed();
        }
      }
    };
  }
}
