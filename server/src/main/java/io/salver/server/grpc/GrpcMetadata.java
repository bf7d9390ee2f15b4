package io.salver.server.grpc;

import io.netty.handler.codec.http2.Http2Headers;
import io.salver.server.http.HeaderNames;
import java.util.Base64;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What a client sent beside its messages. Not changed after it was made. */
public final class GrpcMetadata {
  private final Http2Headers headers;

  /** What {@code headers} hold, which are not changed any more. */
  public GrpcMetadata(Http2Headers headers) {
    this.headers = headers;
  }

  /**
   * The first value of a header, or null.
   *
   * @param name in lower case
   */
  public @Nullable String get(String name) {
    CharSequence value = headers.get(HeaderNames.of(name));
    return value == null ? null : value.toString();
  }

  /**
   * The first value of a binary header, or null if there is none or it is not base64.
   *
   * @param name in lower case, ending in {@code -bin}
   */
  public byte @Nullable [] getBinary(String name) {
    List<CharSequence> values = headers.getAll(name);
    if (values.isEmpty()) {
      return null;
    }
    String first = values.getFirst().toString().split(",", 2)[0];
    try {
      return Base64.getDecoder().decode(first);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Every header that is not HTTP/2's own, as it came. */
  public void forEach(BiConsumer<String, String> visitor) {
    headers.forEach(header -> {
      if (header.getKey().charAt(0) != ':') {
        visitor.accept(header.getKey().toString(), header.getValue().toString());
      }
    });
  }
}
