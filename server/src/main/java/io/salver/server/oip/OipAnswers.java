package io.salver.server.oip;

import io.netty.buffer.ByteBuf;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.http.HttpExchange;
import io.salver.server.inference.RestCall;
import io.salver.server.json.JsonWriter;
import java.util.Map;

/**
 * Sends the REST API's answers. Thread-safe.
 *
 * @param headers what every answer carries beside the usual
 */
record OipAnswers(Map<String, String> headers) implements RestCall.FailureWriter {
  static final int OK = 200;
  static final String JSON = "application/json";

  /** Answers with nothing. */
  void sendEmpty(HttpExchange exchange, int status) {
    exchange.respond(status, "", headers, exchange.newBody(0));
  }

  /** Answers with what {@code json} holds. */
  void send(HttpExchange exchange, int status, JsonWriter json) {
    exchange.respond(status, JSON, headers, body(exchange, json));
  }

  static ByteBuf body(HttpExchange exchange, JsonWriter json) {
    ByteBuf body = exchange.newBody(json.size());
    body.writeBytes(json.array(), 0, json.size());
    return body;
  }

  @Override
  public void fail(HttpExchange exchange, ServingException failure) {
    fail(exchange, status(failure.category()), failure.getMessage());
  }

  /** Answers with an error. */
  void fail(HttpExchange exchange, int status, String message) {
    send(exchange, status, new JsonWriter().raw("{\"error\":").string(message).raw('}'));
  }

  /** Triton's table, and the usual statuses for what Triton has no code for. */
  static int status(Category category) {
    return switch (category) {
      case CANCELLED, UNKNOWN, INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> 400;
      case ALREADY_EXISTS, ABORTED -> 400;
      case UNAUTHENTICATED -> 401;
      case PERMISSION_DENIED -> 403;
      case NOT_FOUND -> 404;
      case RESOURCE_EXHAUSTED -> 429;
      case INTERNAL, DATA_LOSS -> 500;
      case UNIMPLEMENTED -> 501;
      case UNAVAILABLE -> 503;
      case DEADLINE_EXCEEDED -> 504;
    };
  }
}
