package io.salver.server.admin;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.netty.buffer.ByteBuf;
import io.salver.predict.ServingException;
import io.salver.server.http.HttpExchange;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * An answer of the control side: JSON.
 *
 * @param headers beyond the usual ones, names in lower case
 */
public record ControlAnswer(int status, Map<String, String> headers, JsonElement json) {
  private static final int OK = 200;

  public ControlAnswer {
    headers = Map.copyOf(headers);
  }

  /** An answer that all is well. */
  public static ControlAnswer of(JsonElement json) {
    return new ControlAnswer(OK, Map.of(), json);
  }

  /** An answer that something is not. */
  public static ControlAnswer of(ServingException failure) {
    return error(status(failure), failure.getMessage());
  }

  static ControlAnswer error(int status, String message) {
    JsonObject json = new JsonObject();
    json.addProperty("error", message);
    return new ControlAnswer(status, Map.of(), json);
  }

  ControlAnswer with(String header, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(header, value);
    return new ControlAnswer(status, more, json);
  }

  /**
   * The status of HTTP for a failure. What is in the way of a request now is a conflict: another
   * may fit, or this one later.
   */
  public static int status(ServingException failure) {
    return switch (failure.category()) {
      case INVALID_ARGUMENT, OUT_OF_RANGE, CANCELLED -> 400;
      case UNAUTHENTICATED -> 401;
      case PERMISSION_DENIED -> 403;
      case NOT_FOUND -> 404;
      case FAILED_PRECONDITION, ALREADY_EXISTS, ABORTED -> 409;
      case RESOURCE_EXHAUSTED -> 429;
      case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
      case UNIMPLEMENTED -> 501;
      case UNAVAILABLE -> 503;
      case DEADLINE_EXCEEDED -> 504;
    };
  }

  /** Answers, on the exchange's loop. */
  public void send(HttpExchange exchange) {
    byte[] bytes = (json + "\n").getBytes(StandardCharsets.UTF_8);
    Map<String, String> all = new HashMap<>(headers);
    all.put("cache-control", "no-store");
    ByteBuf body = exchange.newBody(bytes.length);
    body.writeBytes(bytes);
    exchange.respond(status, "application/json", all, body);
  }
}
