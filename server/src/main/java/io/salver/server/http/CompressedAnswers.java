package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import io.salver.server.net.LoopContext;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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

  private record Exchange(HttpExchange delegate, ContentCoding coding, int minBytes)
      implements HttpExchange {
    @Override
    public String method() {
      return delegate.method();
    }

    @Override
    public String path() {
      return delegate.path();
    }

    @Override
    public String query() {
      return delegate.query();
    }

    @Override
    public @Nullable String header(String lowerCaseName) {
      return delegate.header(lowerCaseName);
    }

    @Override
    public byte[] body() {
      return delegate.body();
    }

    @Override
    public int bodyLength() {
      return delegate.bodyLength();
    }

    @Override
    public LoopContext loop() {
      return delegate.loop();
    }

    @Override
    public long receivedNs() {
      return delegate.receivedNs();
    }

    @Override
    public void onAbandoned(Runnable action) {
      delegate.onAbandoned(action);
    }

    @Override
    public void expireAt(long deadlineNs, Runnable onLate) {
      delegate.expireAt(deadlineNs, onLate);
    }

    @Override
    public ByteBuf newBody(int sizeHintBytes) {
      return delegate.newBody(sizeHintBytes);
    }

    @Override
    public void respond(int status, String contentType, Map<String, String> headers, ByteBuf body) {
      if (body.readableBytes() < minBytes || headers.containsKey("content-encoding")) {
        delegate.respond(status, contentType, headers, body);
        return;
      }
      Map<String, String> more = new HashMap<>(headers);
      more.put("content-encoding", coding.token());
      more.put("vary", "accept-encoding");
      delegate.respond(status, contentType, more, compressed(body));
    }

    @Override
    public AnswerStream stream(int status, String contentType, Map<String, String> headers) {
      return delegate.stream(status, contentType, headers);
    }

    private ByteBuf compressed(ByteBuf body) {
      ByteBuf smaller = delegate.newBody(body.readableBytes() / 2);
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
