package io.salver.server.http;

import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Settings;
import io.salver.server.net.Loop;

/** Sets the codec's limits against clients that misuse the protocol. */
final class Http2ConnectionBuilder
    extends AbstractHttp2ConnectionHandlerBuilder<Http2Connection, Http2ConnectionBuilder> {
  private static final int MAX_RESETS = 400;
  private static final int RESETS_WINDOW_SECONDS = 10;
  private static final long FOREVER = -1;

  private final HttpProtocols protocols;
  private final Loop loop;

  Http2ConnectionBuilder(HttpProtocols protocols, Loop loop) {
    this.protocols = protocols;
    this.loop = loop;
  }

  Http2Connection build(DefaultHttp2Connection connection) {
    HttpLimits limits = protocols.limits();
    initialSettings(
        Http2Settings.defaultSettings()
            .maxConcurrentStreams(limits.maxConcurrentStreams())
            .initialWindowSize(limits.streamWindowBytes())
            .maxHeaderListSize(limits.maxHeadBytes()));
    decoderEnforceMaxConsecutiveEmptyDataFrames(2);
    decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESETS_WINDOW_SECONDS);
    gracefulShutdownTimeoutMillis(FOREVER);
    frameListener(new Http2FrameAdapter());
    connection(connection);
    return build();
  }

  @Override
  protected Http2Connection build(
      Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
    return new Http2Connection(decoder, encoder, settings, protocols, loop);
  }
}
