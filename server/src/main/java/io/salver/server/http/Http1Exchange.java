package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpRequest;
import io.salver.server.access.Principal;
import io.salver.server.net.LoopContext;
import io.salver.server.net.Peer;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A request that came over HTTP/1. Holds its answer until those before it are written. */
final class Http1Exchange implements HttpExchange {
  private final Http1Connection connection;
  private final HttpRequest request;
  private final RequestTarget target;
  private final RequestBody requestBody;
  private final boolean keepAlive;
  private boolean awaitsContinue;
  private boolean dispatched;
  private long receivedNs;
  private @Nullable Runnable onAbandoned;
  private @Nullable Runnable onLate;
  private long deadlineNs = Long.MAX_VALUE;
  private boolean abandoned;
  private boolean answered;
  private long requestBytes;
  private long responseBytes;
  private @Nullable ByteBuf withRoom;
  private Principal principal = Principal.NOBODY;

  private int status;
  private String contentType = "";
  private Map<String, String> headers = Map.of();
  private @Nullable ExtraHeaders extra;
  private @Nullable ByteBuf answer;
  private @Nullable Http1AnswerStream stream;

  Http1Exchange(
      Http1Connection connection,
      HttpRequest request,
      RequestTarget target,
      RequestBody requestBody,
      boolean keepAlive,
      boolean awaitsContinue) {
    this.connection = connection;
    this.request = request;
    this.target = target;
    this.requestBody = requestBody;
    this.keepAlive = keepAlive;
    this.awaitsContinue = awaitsContinue;
  }

  @Override
  public String method() {
    return request.method().name();
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
    return request.headers().get(HeaderNames.of(lowerCaseName));
  }

  @Override
  public byte[] body() {
    return requestBody.bytes();
  }

  @Override
  public int bodyLength() {
    return requestBody.length();
  }

  @Override
  public LoopContext loop() {
    return connection.loop();
  }

  @Override
  public Peer peer() {
    return connection.peer();
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
  public @Nullable SocketAddress remote() {
    return connection.remote();
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
    this.deadlineNs = deadlineNs;
    this.onLate = onLate;
    connection.deadlines().add(deadlineNs);
  }

  /** Tells the handler if its time is over, and adds the deadline otherwise. */
  void expire(long nowNs, Deadlines deadlines) {
    Runnable action = onLate;
    if (action == null || answered) {
      return;
    }
    if (deadlineNs - nowNs <= 0) {
      onLate = null;
      action.run();
    } else {
      deadlines.add(deadlineNs);
    }
  }

  @Override
  public ByteBuf newBody(int sizeHintBytes) {
    ByteBuf body = connection.alloc().directBuffer(ResponseHead.ROOM_BYTES + sizeHintBytes);
    body.setIndex(ResponseHead.ROOM_BYTES, ResponseHead.ROOM_BYTES);
    withRoom = body;
    return body;
  }

  @Override
  public void addHeaders(ExtraHeaders headers) {
    extra = headers;
  }

  @Override
  public void respond(int status, String contentType, Map<String, String> headers, ByteBuf body) {
    connection.loop().requireInLoop();
    requestBody.free();
    if (answered || abandoned) {
      body.release();
      return;
    }
    this.answer = body;
    this.responseBytes = body.readableBytes();
    answered(status, contentType, headers);
  }

  @Override
  public AnswerStream stream(int status, String contentType, Map<String, String> headers) {
    connection.loop().requireInLoop();
    requestBody.free();
    if (answered) {
      throw new IllegalStateException("answer to " + path() + ": a second one (expected: one)");
    }
    Http1AnswerStream begun = new Http1AnswerStream(connection, !isHttp10());
    if (abandoned) {
      begun.abandon();
      return begun;
    }
    this.stream = begun;
    Map<String, String> all = new HashMap<>(headers);
    if (begun.isChunked()) {
      all.put("transfer-encoding", "chunked");
    }
    answered(status, contentType, all);
    return begun;
  }

  private void answered(int status, String contentType, Map<String, String> headers) {
    answered = true;
    this.status = status;
    this.contentType = contentType;
    this.headers = headers;
    connection.answered();
  }

  void refuse(HttpProblem problem) {
    ByteBuf body = newBody(problem.message().length() + 32);
    problem.writeTo(body);
    respond(problem.status(), HttpProblem.JSON, problem.headers(), body);
  }

  RequestBody requestBody() {
    return requestBody;
  }

  boolean keepAlive() {
    return keepAlive;
  }

  boolean isHttp10() {
    return request.protocolVersion().minorVersion() == 0;
  }

  boolean isHead() {
    return method().equals("HEAD");
  }

  boolean isAnswered() {
    return answered;
  }

  /** The answer if it is sent piece by piece, else null. */
  @Nullable Http1AnswerStream answerStream() {
    return stream;
  }

  void dispatched(long receivedNs) {
    this.receivedNs = receivedNs;
    this.requestBytes = requestBody.length();
    dispatched = true;
  }

  /** Whether the client waits to be told to send the body; asked once. */
  boolean takeAwaitsContinue() {
    boolean awaited = awaitsContinue;
    awaitsContinue = false;
    return awaited;
  }

  void buildHead(ResponseHead head, int contentLength, ResponseHead.Persistence persistence) {
    head.build(status, contentType, headers, extra, contentLength, persistence);
  }

  /** The answer's body, which the caller now owns. */
  ByteBuf takeAnswer() {
    ByteBuf taken = Objects.requireNonNull(answer, "not answered");
    answer = null;
    return taken;
  }

  /** Whether there is room for {@code headBytes} in front of {@code body}. */
  boolean hasRoom(ByteBuf body, int headBytes) {
    return body == withRoom && body.readerIndex() >= headBytes;
  }

  /** The client is gone. */
  void abandon() {
    abandoned = true;
    if (answer != null) {
      answer.release();
      answer = null;
    }
    if (stream != null) {
      stream.abandon();
    }
    if (!dispatched) {
      requestBody.free();
    } else if (!answered && onAbandoned != null) {
      onAbandoned.run();
    }
  }
}
