package io.salver.server.http;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.salver.server.net.Loop;
import org.jspecify.annotations.Nullable;

/** Judges the heads of HTTP/1 requests before any of their bodies is read. */
final class Http1Requests {
  private static final RequestTarget NOWHERE = new RequestTarget("/", "");

  private final Http1Connection connection;
  private final HttpHandler handler;
  private final Loop loop;

  Http1Requests(Http1Connection connection, HttpHandler handler, Loop loop) {
    this.connection = connection;
    this.handler = handler;
    this.loop = loop;
  }

  /**
   * The exchange that a head begins.
   *
   * @throws HttpRefusal if it is malformed, or its body will not be taken
   */
  Http1Exchange accept(HttpRequest request) throws HttpRefusal {
    requireValid(request);
    requireUnderstood(request);
    RequestTarget target = RequestTarget.parse(request.uri());
    HttpHeaders headers = request.headers();
    RequestBody body =
        RequestBody.announced(
            loop.buffers(),
            handler.maxBodyBytes(request.method().name(), target.path()),
            headers.get(HttpHeaderNames.CONTENT_LENGTH),
            headers.get(HttpHeaderNames.CONTENT_ENCODING));
    boolean awaitsContinue = awaitsContinue(headers.get(HttpHeaderNames.EXPECT));
    return new Http1Exchange(
        connection, request, target, body, HttpUtil.isKeepAlive(request), awaitsContinue);
  }

  /** The exchange that answers a request whose head could not be read. */
  Http1Exchange unreadable() {
    try {
      return new Http1Exchange(
          connection,
          new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"),
          NOWHERE,
          RequestBody.announced(loop.buffers(), 0, null, null),
          false,
          false);
    } catch (HttpRefusal e) {
      throw new AssertionError("an empty body is not refused", e);
    }
  }

  static void requireValid(HttpObject part) throws HttpRefusal {
    if (part.decoderResult().isFailure()) {
      throw new HttpRefusal(problem(part.decoderResult().cause()));
    }
  }

  private static HttpProblem problem(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException e -> new HttpProblem(414, "request line: " + e.getMessage());
      case TooLongHttpHeaderException e -> new HttpProblem(431, "headers: " + e.getMessage());
      default -> new HttpProblem(400, "malformed request: " + cause.getMessage());
    };
  }

  private static void requireUnderstood(HttpRequest request) throws HttpRefusal {
    HttpVersion version = request.protocolVersion();
    if (!version.protocolName().equals("HTTP") || version.majorVersion() != 1) {
      throw new HttpRefusal(
          new HttpProblem(505, "version: " + version + " (expected: HTTP/1.1, 1.0 or 2)"));
    }
    HttpHeaders headers = request.headers();
    if (version.minorVersion() > 0 && headers.getAll(HttpHeaderNames.HOST).size() != 1) {
      throw new HttpRefusal(new HttpProblem(400, "host header (expected: exactly one)"));
    }
    String encoding = headers.get(HttpHeaderNames.TRANSFER_ENCODING);
    if (encoding != null && !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(encoding)) {
      throw new HttpRefusal(
          new HttpProblem(501, "transfer-encoding: " + encoding + " (expected: chunked)"));
    }
  }

  static boolean awaitsContinue(@Nullable String expect) throws HttpRefusal {
    if (expect == null) {
      return false;
    }
    if (!HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expect)) {
      throw new HttpRefusal(
          new HttpProblem(417, "expect: " + expect + " (expected: 100-continue)"));
    }
    return true;
  }
}
