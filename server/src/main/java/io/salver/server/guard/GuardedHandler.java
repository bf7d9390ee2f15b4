package io.salver.server.guard;

import io.netty.buffer.ByteBuf;
import io.salver.server.access.AccessControl;
import io.salver.server.access.AccessRule;
import io.salver.server.access.AccessTable;
import io.salver.server.access.Principal;
import io.salver.server.access.Refusal;
import io.salver.server.http.HttpExchange;
import io.salver.server.http.HttpHandler;
import io.salver.server.json.JsonWriter;
import java.util.HashMap;
import java.util.Map;

/**
 * Hands on to another handler what whoever asks may ask for, and what a browser was not tricked
 * into asking. Answers of control carry the headers that keep browsers from being used against it.
 * Thread-safe.
 */
public final class GuardedHandler implements HttpHandler {
  private static final System.Logger LOG = System.getLogger(GuardedHandler.class.getName());

  private final HttpHandler handler;
  private final AccessTable table;
  private final AccessControl access;
  private final BrowserRules browsers;

  /** Stands before {@code handler}. */
  public GuardedHandler(
      HttpHandler handler, AccessTable table, AccessControl access, BrowserRules browsers) {
    this.handler = handler;
    this.table = table;
    this.access = access;
    this.browsers = browsers;
  }

  @Override
  public long maxBodyBytes(String method, String path) {
    return handler.maxBodyBytes(method, path);
  }

  @Override
  public void handle(HttpExchange exchange) {
    AccessRule rule = table.ofHttp(exchange.method(), exchange.path());
    HttpExchange answered = rule.control() ? new SafeExchange(exchange) : exchange;
    access.enter(rule, exchange, exchange.loop(), new Entry(rule, answered));
  }

  private final class Entry implements AccessControl.Outcome {
    private final AccessRule rule;
    private final HttpExchange exchange;

    Entry(AccessRule rule, HttpExchange exchange) {
      this.rule = rule;
      this.exchange = exchange;
    }

    @Override
    public void admitted(Principal principal) {
      exchange.actAs(principal);
      try {
        BrowserRules.Problem problem = browsers.problem(rule, exchange);
        if (problem == null) {
          handler.handle(exchange);
        } else {
          fail(exchange, problem.status(), Map.of(), problem.message());
        }
      } catch (RuntimeException | Error e) {
        LOG.log(System.Logger.Level.ERROR, "handler of " + exchange.path() + " failed", e);
        fail(exchange, 500, Map.of(), "internal error: " + e);
      }
    }

    @Override
    public void refused(Refusal refusal) {
      refuse(exchange, refusal);
    }
  }

  private static void refuse(HttpExchange exchange, Refusal refusal) {
    Map<String, String> headers = new HashMap<>();
    headers.put("cache-control", "no-store");
    int status =
        switch (refusal.reason()) {
          case NO_CREDENTIALS -> {
            headers.put("www-authenticate", "Bearer realm=\"salver\"");
            yield 401;
          }
          case BAD_CREDENTIALS -> {
            headers.put("www-authenticate", "Bearer realm=\"salver\", error=\"invalid_token\"");
            yield 401;
          }
          case FORBIDDEN -> 403;
          case LIMITED, SLOWED -> 429;
          case BUSY -> 503;
        };
    if (!refusal.retryAfter().isZero()) {
      headers.put("retry-after", Long.toString(refusal.retryAfterSeconds()));
    }
    fail(exchange, status, headers, refusal.message());
  }

  private static void fail(
      HttpExchange exchange, int status, Map<String, String> headers, String message) {
    JsonWriter json = new JsonWriter().raw("{\"error\":").string(message).raw('}');
    ByteBuf body = exchange.newBody(json.size());
    body.writeBytes(json.array(), 0, json.size());
    exchange.respond(status, "application/json", headers, body);
  }
}
