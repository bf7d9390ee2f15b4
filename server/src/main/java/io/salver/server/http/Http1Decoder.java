package io.salver.server.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;

/** Decodes requests, and knows when bytes of them arrived. */
final class Http1Decoder extends HttpRequestDecoder {
  private static final int MAX_CHUNK_BYTES = 64 << 10;

  private final long openedNs = System.nanoTime();
  private long lastReadNs = openedNs;
  private long headStartNs;
  private boolean inRequest;
  private boolean inHead;

  Http1Decoder(HttpLimits limits) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(limits.maxRequestLineBytes())
            .setMaxHeaderSize(limits.maxHeadBytes())
            .setMaxChunkSize(MAX_CHUNK_BYTES));
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    lastReadNs = System.nanoTime();
    if (!inRequest) {
      inRequest = true;
      inHead = true;
      headStartNs = lastReadNs;
    }
    super.channelRead(ctx, message);
  }

  /** Says that the head of the request being read is complete. */
  void headEnded() {
    inRequest = true;
    inHead = false;
  }

  /** Says that the request being read is complete. */
  void requestEnded() {
    inRequest = false;
    inHead = false;
  }

  /** Whether a request's head has begun and not ended. */
  boolean inHead() {
    return inHead;
  }

  /** When the head being read began, as {@link System#nanoTime()}. */
  long headStartNs() {
    return headStartNs;
  }

  /** When the connection began, as {@link System#nanoTime()}. */
  long openedNs() {
    return openedNs;
  }

  /** When bytes last arrived, as {@link System#nanoTime()}. */
  long lastReadNs() {
    return lastReadNs;
  }
}
