package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.salver.server.access.Principal;
import io.salver.server.net.LoopContext;
import io.salver.server.net.Peer;
import java.net.SocketAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Another exchange, some of which is done in another way. */
public abstract class ForwardingExchange implements HttpExchange {
  private final HttpExchange exchange;

  /** All of {@code exchange}. */
  protected ForwardingExchange(HttpExchange exchange) {
    this.exchange = exchange;
  }

  @Override
  public String method() {
    return exchange.method();
  }

  @Override
  public String path() {
    return exchange.path();
  }

  @Override
  public String query() {
    return exchange.query();
  }

  @Override
  public @Nullable String header(String lowerCaseName) {
    return exchange.header(lowerCaseName);
  }

  @Override
  public byte[] body() {
    return exchange.body();
  }

  @Override
  public int bodyLength() {
    return exchange.bodyLength();
  }

  @Override
  public LoopContext loop() {
    return exchange.loop();
  }

  @Override
  public Peer peer() {
    return exchange.peer();
  }

  @Override
  public @Nullable SocketAddress remote() {
    return exchange.remote();
  }

  @Override
  public long requestBytes() {
    return exchange.requestBytes();
  }

  @Override
  public long responseBytes() {
    return exchange.responseBytes();
  }

  @Override
  public Principal principal() {
    return exchange.principal();
  }

  @Override
  public void actAs(Principal principal) {
    exchange.actAs(principal);
  }

  @Override
  public long receivedNs() {
    return exchange.receivedNs();
  }

  @Override
  public void onAbandoned(Runnable action) {
    exchange.onAbandoned(action);
  }

  @Override
  public void expireAt(long deadlineNs, Runnable onLate) {
    exchange.expireAt(deadlineNs, onLate);
  }

  @Override
  public ByteBuf newBody(int sizeHintBytes) {
    return exchange.newBody(sizeHintBytes);
  }

  @Override
  public void addHeaders(ExtraHeaders headers) {
    exchange.addHeaders(headers);
  }

  @Override
  public void respond(int status, String contentType, Map<String, String> headers, ByteBuf body) {
    exchange.respond(status, contentType, headers, body);
  }

  @Override
  public AnswerStream stream(int status, String contentType, Map<String, String> headers) {
    return exchange.stream(status, contentType, headers);
  }
}
