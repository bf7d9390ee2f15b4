package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;

/**
 * Compresses the answers of another handler for clients that accept it. Compressing takes the event
 * loop's time, more of it than most predictions: small answers are left alone.
 */
public final class CompressedAnswers implements HttpHandler {
  private final HttpHandler handler;
  private final int minBytes;

  /**
   * A handler that compresses.
   *
   * @param minBytes the shortest answer that is compressed
   */
  public CompressedAnswers(HttpHandler handler, int minBytes) {
    this.handler = handler;
    this.minBytes = minBytes;
  }

  @Override
  public long maxBodyBytes(String method, String path) {
    return handler.maxBodyBytes(method, path);
  }

  @Override
  public void handle(HttpExchange exchange) {
    ContentCoding coding = ContentCoding.preferred(exchange.header("accept-encoding"));
    handler.handle(
        coding == ContentCoding.IDENTITY ? exchange : new Exchange(exchange, coding, minBytes));
  }

  private static final class Exchange extends ForwardingExchange {
    private final ContentCoding coding;
    private final int minBytes;

    Exchange(HttpExchange exchange, ContentCoding coding, int minBytes) {
      super(exchange);
      this.coding = coding;
      this.minBytes = minBytes;
    }

    @Override
    public void respond(int status, String contentType, Map<String, String> headers, ByteBuf body) {
      if (body.readableBytes() < minBytes || headers.containsKey("content-encoding")) {
        super.respond(status, contentType, headers, body);
        return;
      }
      Map<String, String> more = new HashMap<>(headers);
      more.put("content-encoding", coding.token());
      more.put("vary", "accept-encoding");
      super.respond(status, contentType, more, compressed(body));
    }

    private ByteBuf compressed(ByteBuf body) {
      ByteBuf smaller = newBody(body.readableBytes() / 2);
      try (OutputStream out = coding.compress(new ByteBufOutputStream(smaller))) {
        body.readBytes(out, body.readableBytes());
      } catch (IOException e) {
        throw new AssertionError("a buffer does not fail", e);
      } finally {
        body.release();
      }
      return smaller;
    }
  }
}
