package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.salver.server.net.BufferPool;
import io.salver.tensor.MemoryLimitException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request's body while it is read and afterwards. Grows with what arrives, not with what was
 * announced.
 */
final class RequestBody {
  private static final byte[] NONE = {};
  private static final int FIRST_BYTES = 64 << 10;
  private static final int MAX_ARRAY_BYTES = Integer.MAX_VALUE - 16;

  private final BufferPool pool;
  private final long maxBytes;
  private final ContentCoding coding;
  private byte[] buffer = NONE;
  private int length;

  private RequestBody(BufferPool pool, long maxBytes, ContentCoding coding) {
    this.pool = pool;
    this.maxBytes = maxBytes;
    this.coding = coding;
  }

  /**
   * The body that a head announces.
   *
   * @param contentLength as the client says it, or null
   * @throws HttpRefusal if it is too long, encoded in a way that is not understood, or more than is
   *     left beside the other requests
   */
  static RequestBody announced(
      BufferPool pool,
      long maxBytes,
      @Nullable CharSequence contentLength,
      @Nullable CharSequence contentEncoding)
      throws HttpRefusal {
    long limit = Math.min(maxBytes, MAX_ARRAY_BYTES);
    RequestBody body = new RequestBody(pool, limit, coding(contentEncoding));
    if (contentLength != null) {
      long announced = parseLength(contentLength);
      if (announced > limit) {
        throw new HttpRefusal(HttpProblem.tooLarge(Long.toString(announced), limit));
      }
      if (announced > 0) {
        body.buffer = take(pool, (int) Math.min(announced, FIRST_BYTES));
      }
    }
    return body;
  }

  private static ContentCoding coding(@Nullable CharSequence name) throws HttpRefusal {
    ContentCoding coding = ContentCoding.named(name);
    if (coding == null) {
      throw new HttpRefusal(
          new HttpProblem(
              415,
              "content-encoding: " + name + " (expected: gzip, deflate or identity)",
              Map.of("accept-encoding", ContentCoding.UNDERSTOOD)));
    }
    return coding;
  }

  private static long parseLength(CharSequence text) throws HttpRefusal {
    try {
      long length = Long.parseLong(text, 0, text.length(), 10);
      if (length >= 0 && text.charAt(0) != '+') {
        return length;
      }
    } catch (NumberFormatException e) {
      // Refused below, like a negative number.
    }
    throw new HttpRefusal(
        new HttpProblem(400, "content-length: \"" + text + "\" (expected: a number >= 0)"));
  }

  /** Adds what is readable in {@code data}. */
  void append(ByteBuf data) throws HttpRefusal {
    int count = data.readableBytes();
    if (count > maxBytes - length) {
      throw new HttpRefusal(HttpProblem.tooLarge("more than " + maxBytes, maxBytes));
    }
    reserve(count);
    data.readBytes(buffer, length, count);
    length += count;
  }

  private static byte[] take(BufferPool pool, int sizeBytes) throws HttpRefusal {
    try {
      return pool.take(sizeBytes);
    } catch (MemoryLimitException e) {
      throw new HttpRefusal(new HttpProblem(429, String.valueOf(e.getMessage())));
    }
  }

  private void reserve(int count) throws HttpRefusal {
    int needed = length + count;
    if (needed > buffer.length) {
      int doubled = (int) Math.min(MAX_ARRAY_BYTES, Math.max(needed, 2L * buffer.length));
      byte[] larger = take(pool, doubled);
      System.arraycopy(buffer, 0, larger, 0, length);
      free();
      buffer = larger;
    }
  }

  /** Decompresses what was read, if it was compressed. */
  void complete() throws HttpRefusal {
    if (coding == ContentCoding.IDENTITY) {
      return;
    }
    RequestBody inflated = new RequestBody(pool, maxBytes, ContentCoding.IDENTITY);
    try (InputStream in = coding.decompress(new ByteArrayInputStream(buffer, 0, length))) {
      inflated.readFully(in);
    } catch (IOException e) {
      inflated.free();
      throw new HttpRefusal(
          new HttpProblem(400, "request body is not " + coding.token() + ": " + e.getMessage()));
    } catch (HttpRefusal e) {
      inflated.free();
      throw e;
    }
    free();
    buffer = inflated.buffer;
    length = inflated.length;
  }

  private void readFully(InputStream in) throws IOException, HttpRefusal {
    while (true) {
      reserve(1);
      int count = in.read(buffer, length, buffer.length - length);
      if (count < 0) {
        return;
      }
      length += count;
      if (length > maxBytes) {
        throw new HttpRefusal(
            HttpProblem.tooLarge("more than " + maxBytes + " decompressed", maxBytes));
      }
    }
  }

  byte[] bytes() {
    return buffer;
  }

  int length() {
    return length;
  }

  /** Gives the memory back. Doing so twice does no harm. */
  void free() {
    if (buffer != NONE) {
      pool.give(buffer);
      buffer = NONE;
    }
  }
}
