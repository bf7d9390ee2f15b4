package io.salver.server.http;

import io.netty.handler.codec.http2.Http2Connection.PropertyKey;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.StreamByteDistributor;
import org.jspecify.annotations.Nullable;

/**
 * Counts what flow control holds back of a connection's answers, on its way through the codec's own
 * distributor. Confined to the loop.
 */
final class UnsentAnswers implements StreamByteDistributor {
  private final StreamByteDistributor delegate;
  private final PropertyKey streamKey;
  private long totalBytes;

  /**
   * A counter.
   *
   * @param streamKey where the codec's streams have their {@link ServerStream}
   */
  UnsentAnswers(StreamByteDistributor delegate, PropertyKey streamKey) {
    this.delegate = delegate;
    this.streamKey = streamKey;
  }

  PropertyKey streamKey() {
    return streamKey;
  }

  /** Bytes that were written and not taken, of all streams. */
  long totalBytes() {
    return totalBytes;
  }

  @Override
  public void updateStreamableBytes(StreamState state) {
    delegate.updateStreamableBytes(state);
    @Nullable ServerStream stream = state.stream().getProperty(streamKey);
    if (stream != null) {
      totalBytes += stream.unsent(state.pendingBytes());
    }
  }

  /** The stream is closed: nothing of it will be sent. */
  void closed(ServerStream stream) {
    totalBytes += stream.unsent(0);
  }

  @Override
  public void updateDependencyTree(int child, int parent, short weight, boolean exclusive) {
    delegate.updateDependencyTree(child, parent, weight, exclusive);
  }

  @Override
  public boolean distribute(int maxBytes, Writer writer) throws Http2Exception {
    return delegate.distribute(maxBytes, writer);
  }
}
