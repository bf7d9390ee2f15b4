package io.salver.server.http;

import io.netty.handler.codec.http2.Http2Headers;
import org.jspecify.annotations.Nullable;

/** Takes some of the requests that come over HTTP/2. Called by all event loops. */
@FunctionalInterface
public interface Http2Service {
  /** The stream that serves a request with these headers; null if it is a plain HTTP request. */
  @Nullable ServerStream accept(Http2Headers headers);
}
