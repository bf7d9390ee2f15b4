package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.salver.server.access.Principal;
import io.salver.server.net.Loop;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A plain HTTP request that came over HTTP/2. */
final class HttpStream extends ServerStream implements HttpExchange {
  private static final System.Logger LOG = System.getLogger(HttpStream.class.getName());

  private final HttpHandler handler;
  private final Http2Headers headers;
  private final RequestTarget target;
  private @Nullable RequestBody body;
  private @Nullable ExtraHeaders extra;
  private boolean dispatched;
  private boolean answered;
  private boolean abandoned;
  private @Nullable Http2AnswerStream stream;
  private @Nullable Runnable onAbandoned;
  private @Nullable Runnable onLate;
  private long receivedNs;
  private Principal principal = Principal.NOBODY;
  private long requestBytes;
  private long responseBytes;

  HttpStream(HttpHandler handler, Http2Headers headers) {
    this.handler = handler;
    this.headers = headers;
    this.target = RequestTarget.parse(text(headers.path()));
  }

  private static String text(@Nullable CharSequence value) {
    return value == null ? "" : value.toString();
  }

  @Override
  protected void onHeaders(Http2Headers headers, boolean last) {
    try {
      body =
          RequestBody.announced(
              eventLoop().buffers(),
              handler.maxBodyBytes(method(), path()),
              headers.get(HttpHeaderNames.CONTENT_LENGTH),
              headers.get(HttpHeaderNames.CONTENT_ENCODING));
      if (last) {
        dispatch(body);
      } else {
        continueOrWait();
      }
    } catch (HttpRefusal e) {
      refuse(e.problem());
    }
  }

  private void continueOrWait() throws HttpRefusal {
    CharSequence expect = headers.get(HttpHeaderNames.EXPECT);
    if (expect != null && Http1Requests.awaitsContinue(expect.toString())) {
      writeHeaders(new DefaultHttp2Headers().status("100"), false);
    }
    awaitMore();
  }

  private void awaitMore() {
    deadlineAt(readNs() + readTimeout().toNanos());
  }

  @Override
  protected int onData(ByteBuf data, boolean last) {
    int count = data.readableBytes();
    RequestBody receiver = body;
    if (answered || receiver == null) {
      return count;
    }
    try {
      receiver.append(data);
      if (last) {
        dispatch(receiver);
      } else {
        awaitMore();
      }
    } catch (HttpRefusal e) {
      refuse(e.problem());
    }
    return count;
  }

  private void dispatch(RequestBody complete) throws HttpRefusal {
    complete.complete();
    deadlineAt(Long.MAX_VALUE);
    receivedNs = readNs();
    requestBytes = complete.length();
    dispatched = true;
    try {
      handler.handle(this);
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "handler of " + path() + " failed", e);
      refuse(new HttpProblem(500, "internal error: " + e));
    }
  }

  private void refuse(HttpProblem problem) {
    ByteBuf answer = newBody(problem.message().length() + 32);
    problem.writeTo(answer);
    respond(problem.status(), HttpProblem.JSON, problem.headers(), answer);
  }

  @Override
  protected void onDeadline() {
    if (answered) {
      return;
    }
    if (onLate != null) {
      onLate.run();
      return;
    }
    refuse(
        new HttpProblem(
            408,
            "no whole request (expected: bytes at least every "
                + readTimeout().toMillis()
                + " ms)"));
  }

  @Override
  protected void onClosed() {
    abandoned = true;
    if (stream != null) {
      stream.abandon();
    }
    if (!dispatched && body != null) {
      body.free();
    } else if (!answered && onAbandoned != null) {
      onAbandoned.run();
    }
  }

  @Override
  public String method() {
    return text(headers.method());
  }

  @Override
  public String path() {
    return target.path();
  }

  @Override
  public String query() {
    return target.query();
  }

  @Override
  public @Nullable String header(String lowerCaseName) {
    String name = lowerCaseName.equals("host") ? ":authority" : lowerCaseName;
    CharSequence value = headers.get(HeaderNames.of(name));
    return value == null ? null : value.toString();
  }

  @Override
  public byte[] body() {
    return Objects.requireNonNull(body, "not read").bytes();
  }

  @Override
  public int bodyLength() {
    return Objects.requireNonNull(body, "not read").length();
  }

  @Override
  public Loop loop() {
    return eventLoop();
  }

  @Override
  public Principal principal() {
    return principal;
  }

  @Override
  public void actAs(Principal principal) {
    this.principal = principal;
  }

  @Override
  public long receivedNs() {
    return receivedNs;
  }

  @Override
  public long requestBytes() {
    return requestBytes;
  }

  @Override
  public long responseBytes() {
    return responseBytes;
  }

  @Override
  public void onAbandoned(Runnable action) {
    onAbandoned = action;
    if (abandoned) {
      action.run();
    }
  }

  @Override
  public void expireAt(long deadlineNs, Runnable onLate) {
    this.onLate = onLate;
    deadlineAt(deadlineNs);
  }

  @Override
  public ByteBuf newBody(int sizeHintBytes) {
    return alloc().directBuffer(sizeHintBytes);
  }

  @Override
  public void addHeaders(ExtraHeaders headers) {
    extra = headers;
  }

  @Override
  public void respond(int status, String contentType, Map<String, String> headers, ByteBuf body) {
    eventLoop().requireInLoop();
    if (this.body != null) {
      this.body.free();
    }
    if (answered || abandoned) {
      body.release();
      return;
    }
    answered = true;
    responseBytes = body.readableBytes();
    Http2Headers head = head(status, contentType, headers);
    if (extra != null) {
      extra.addTo(head);
    }
    head.addInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    boolean empty = !body.isReadable() || method().equals("HEAD");
    writeHeaders(head, empty);
    if (empty) {
      body.release();
    } else {
      writeData(body, true);
    }
  }

  private static Http2Headers head(int status, String contentType, Map<String, String> headers) {
    Http2Headers head = new DefaultHttp2Headers().status(Integer.toString(status));
    if (!contentType.isEmpty()) {
      head.add(HttpHeaderNames.CONTENT_TYPE, contentType);
    }
    headers.forEach(head::add);
    return head;
  }

  @Override
  public AnswerStream stream(int status, String contentType, Map<String, String> headers) {
    eventLoop().requireInLoop();
    if (body != null) {
      body.free();
    }
    if (answered) {
      throw new IllegalStateException("answer to " + path() + ": a second one (expected: one)");
    }
    Http2AnswerStream begun = new Http2AnswerStream(this, abandoned);
    if (!abandoned) {
      answered = true;
      stream = begun;
      writeHeaders(head(status, contentType, headers), false);
    }
    return begun;
  }

  void writePiece(ByteBuf piece, ChannelFutureListener written) {
    writeData(piece, false, written);
  }

  void writeEnd() {
    writeData(Unpooled.EMPTY_BUFFER, true);
  }

  @Override
  protected void onDrain() {
    if (stream != null) {
      stream.end();
    }
  }

  @Override
  protected boolean isAwaited() {
    return stream == null;
  }
}
