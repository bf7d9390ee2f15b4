package io.salver.server.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import io.salver.server.http.ServerStream;

/** A request that is answered by its headers alone. */
final class RefusedStream extends ServerStream {
  private final Http2Headers answer;

  RefusedStream(Http2Headers answer) {
    this.answer = answer;
  }

  @Override
  protected void onHeaders(Http2Headers headers, boolean last) {
    writeHeaders(answer, true);
  }

  @Override
  protected int onData(ByteBuf data, boolean last) {
    return data.readableBytes();
  }

  @Override
  protected void onClosed() {}
}
