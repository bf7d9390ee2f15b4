package io.salver.server.grpc;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import io.salver.server.http.ExtraHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The headers and trailers that answers are made of. */
final class GrpcHeaders {
  static final AsciiString CONTENT_TYPE = AsciiString.cached("application/grpc");
  static final AsciiString ENCODING = AsciiString.cached("grpc-encoding");
  static final AsciiString ACCEPT_ENCODING = AsciiString.cached("grpc-accept-encoding");
  static final AsciiString TIMEOUT = AsciiString.cached("grpc-timeout");
  static final AsciiString GZIP = AsciiString.cached("gzip");

  private static final AsciiString STATUS = AsciiString.cached("grpc-status");
  private static final AsciiString MESSAGE = AsciiString.cached("grpc-message");
  private static final AsciiString HTTP_OK = AsciiString.cached("200");
  private static final String HEX = "0123456789ABCDEF";

  private static final AsciiString[] FIXED = {
    HttpHeaderNames.CONTENT_TYPE, CONTENT_TYPE, ACCEPT_ENCODING, GZIP
  };
  private static final AsciiString[] GZIP_FIXED = {
    HttpHeaderNames.CONTENT_TYPE, CONTENT_TYPE, ACCEPT_ENCODING, GZIP, ENCODING, GZIP
  };
  private static final Http2Headers RESPONSE = headers(FIXED);
  private static final Http2Headers GZIP_RESPONSE = headers(GZIP_FIXED);
  private static final Http2Headers SUCCESS =
      ReadOnlyHttp2Headers.trailers(false, STATUS, GrpcStatus.OK.text());

  private GrpcHeaders() {}

  /** What goes before the first message. */
  static Http2Headers response(boolean gzip, @Nullable ExtraHeaders metadata) {
    if (metadata == null) {
      return gzip ? GZIP_RESPONSE : RESPONSE;
    }
    return headers(metadata.after(gzip ? GZIP_FIXED : FIXED));
  }

  private static Http2Headers headers(AsciiString[] fields) {
    return ReadOnlyHttp2Headers.serverHeaders(false, HTTP_OK, fields);
  }

  /** What goes after the last message. */
  static Http2Headers success(@Nullable Http2Headers metadata) {
    return metadata == null ? SUCCESS : new DefaultHttp2Headers().add(SUCCESS).add(metadata);
  }

  /**
   * What says that a call failed.
   *
   * @param only whether nothing has been sent before
   */
  static Http2Headers failure(
      GrpcStatus status, String message, boolean only, @Nullable Http2Headers metadata) {
    Http2Headers headers = new DefaultHttp2Headers();
    if (only) {
      headers.add(RESPONSE);
    }
    headers.add(STATUS, status.text());
    if (!message.isEmpty()) {
      headers.add(MESSAGE, percentEncode(message));
    }
    return metadata == null ? headers : headers.add(metadata);
  }

  static AsciiString base64(byte[] value) {
    return new AsciiString(Base64.getEncoder().withoutPadding().encode(value), false);
  }

  /** As gRPC wants messages: UTF-8, with all but printable ASCII and {@code %} itself escaped. */
  static AsciiString percentEncode(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    byte[] escaped = new byte[3 * utf8.length];
    int length = 0;
    for (byte b : utf8) {
      if (b >= ' ' && b < 0x7f && b != '%') {
        escaped[length++] = b;
      } else {
        escaped[length++] = '%';
        escaped[length++] = (byte) HEX.charAt(b >> 4 & 0xf);
        escaped[length++] = (byte) HEX.charAt(b & 0xf);
      }
    }
    return new AsciiString(escaped, 0, length, true);
  }
}
