package io.salver.server.grpc;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.salver.server.http.Http2Service;
import io.salver.server.http.ServerStream;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Serves gRPC methods. Thread-safe. */
public final class GrpcService implements Http2Service {
  private static final AsciiString PROTO = AsciiString.cached("application/grpc+proto");

  private final Map<AsciiString, CallStream.Entrance> methods = new HashMap<>();
  private final int maxMessageBytes;

  /**
   * A service of these methods, for everybody.
   *
   * @param maxMessageBytes the longest request message, decompressed or not
   */
  public GrpcService(Collection<? extends GrpcMethod> methods, int maxMessageBytes) {
    this(methods, CallGate.OPEN, maxMessageBytes);
  }

  /**
   * A service of these methods.
   *
   * @param gate lets calls in
   * @param maxMessageBytes the longest request message, decompressed or not
   */
  public GrpcService(Collection<? extends GrpcMethod> methods, CallGate gate, int maxMessageBytes) {
    if (maxMessageBytes < 1) {
      throw new IllegalArgumentException(
          "max message: " + maxMessageBytes + " bytes (expected: >= 1)");
    }
    this.maxMessageBytes = maxMessageBytes;
    for (GrpcMethod method : methods) {
      CallStream.Entrance entrance = new CallStream.Entrance(method, gate);
      if (this.methods.put(AsciiString.of("/" + method.fullName()), entrance) != null) {
        throw new IllegalArgumentException("method: " + method.fullName() + " twice");
      }
    }
  }

  @Override
  public @Nullable ServerStream accept(Http2Headers headers) {
    CharSequence type = headers.get(HttpHeaderNames.CONTENT_TYPE);
    if (type == null || !AsciiString.of(type).startsWith(GrpcHeaders.CONTENT_TYPE)) {
      return null;
    }
    if (!isProto(AsciiString.of(type))) {
      return refused("415");
    }
    CharSequence verb = headers.method();
    if (verb == null || !HttpMethod.POST.asciiName().contentEquals(verb)) {
      return refused("405");
    }
    CharSequence path = headers.path();
    CallStream.Entrance entrance = path == null ? null : methods.get(AsciiString.of(path));
    if (entrance == null) {
      return new RefusedStream(
          GrpcHeaders.failure(GrpcStatus.UNIMPLEMENTED, "unknown method: " + path, true, null));
    }
    return switch (entrance.method()) {
      case GrpcMethod.Unary(_, UnaryHandler handler) ->
          new UnaryStream(handler, entrance, headers, maxMessageBytes);
      case GrpcMethod.Streaming(_, StreamHandler handler) ->
          new StreamingStream(handler, entrance, headers, maxMessageBytes);
    };
  }

  private static boolean isProto(AsciiString type) {
    int end = type.indexOf(";");
    AsciiString media = end < 0 ? type : type.subSequence(0, end, false).trim();
    return media.contentEquals(GrpcHeaders.CONTENT_TYPE) || media.contentEquals(PROTO);
  }

  private static ServerStream refused(String httpStatus) {
    return new RefusedStream(new DefaultHttp2Headers().status(httpStatus));
  }
}
