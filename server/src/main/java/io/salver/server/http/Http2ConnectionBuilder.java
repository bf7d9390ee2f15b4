package io.salver.server.http;

import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.salver.server.net.Loop;

/** Sets the codec's limits against clients that misuse the protocol. */
final class Http2ConnectionBuilder
    extends AbstractHttp2ConnectionHandlerBuilder<Http2Connection, Http2ConnectionBuilder> {
  /** Streams that a client makes the server reset, by breaking the protocol in them. */
  private static final int MAX_PROVOKED_RESETS = 400;

  private static final int RESETS_WINDOW_SECONDS = 10;
  private static final int MAX_SMALL_CONTINUATIONS = 16;
  private static final int MAX_QUEUED_CONTROL_FRAMES = 1_000;
  private static final long FOREVER = -1;

  /**
   * The longest value of a header that both ends remember, so as not to send it again: what is
   * longer, as a prediction's id or an error's text, hardly comes twice, and would push out what
   * does.
   */
  private static final int MAX_REMEMBERED_CHARS = 48;

  private final HttpProtocols protocols;
  private final Loop loop;
  private final UnsentAnswers unsent;
  private final WriteMerger merger;

  private Http2ConnectionBuilder(
      HttpProtocols protocols, Loop loop, UnsentAnswers unsent, WriteMerger merger) {
    this.protocols = protocols;
    this.loop = loop;
    this.unsent = unsent;
    this.merger = merger;
  }

  /** A connection whose writes go through {@code merger} next. */
  static Http2Connection build(HttpProtocols protocols, Loop loop, WriteMerger merger) {
    DefaultHttp2Connection connection = new DefaultHttp2Connection(true);
    UnsentAnswers unsent =
        new UnsentAnswers(new UniformStreamByteDistributor(connection), connection.newKey());
    connection.remote().flowController(new DefaultHttp2RemoteFlowController(connection, unsent));
    return new Http2ConnectionBuilder(protocols, loop, unsent, merger).build(connection);
  }

  private Http2Connection build(DefaultHttp2Connection connection) {
    HttpLimits limits = protocols.limits();
    initialSettings(
        Http2Settings.defaultSettings()
            .maxConcurrentStreams(limits.maxConcurrentStreams())
            .initialWindowSize(limits.streamWindowBytes())
            .maxHeaderListSize(limits.maxHeadBytes()));
    decoderEnforceMaxConsecutiveEmptyDataFrames(2);
    decoderEnforceMaxSmallContinuationFrames(MAX_SMALL_CONTINUATIONS);
    // Http2Guard counts those of the client.
    decoderEnforceMaxRstFramesPerWindow(0, 0);
    encoderEnforceMaxRstFramesPerWindow(MAX_PROVOKED_RESETS, RESETS_WINDOW_SECONDS);
    encoderEnforceMaxQueuedControlFrames(MAX_QUEUED_CONTROL_FRAMES);
    headerSensitivityDetector((_, value) -> value.length() > MAX_REMEMBERED_CHARS);
    gracefulShutdownTimeoutMillis(FOREVER);
    frameListener(new Http2FrameAdapter());
    connection(connection);
    return build();
  }

  @Override
  protected Http2Connection build(
      Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
    return new Http2Connection(decoder, encoder, settings, protocols, loop, unsent, merger);
  }
}
