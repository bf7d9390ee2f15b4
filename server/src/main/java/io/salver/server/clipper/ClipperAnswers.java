package io.salver.server.clipper;

import com.google.gson.JsonObject;
import io.netty.buffer.ByteBuf;
import io.salver.predict.ServingException;
import io.salver.server.http.HttpExchange;
import java.nio.charset.StandardCharsets;

/** Answers in Clipper's words. Stateless. */
final class ClipperAnswers {
  private static final String PREDICT_SCHEMA =
      "{\"input\" := [double] | [int] | [float] | string, or \"input_batch\" := [input]}";
  private static final String UPDATE_SCHEMA =
      "{\"uid\" := int, \"input\" := [double] | [int] | [float] | string, \"label\" := double}";

  private ClipperAnswers() {}

  /** Answers; Clipper calls all that it sends JSON, words too. */
  static void send(HttpExchange exchange, int status, String content) {
    byte[] bytes = (content + "\n").getBytes(StandardCharsets.UTF_8);
    ByteBuf body = exchange.newBody(bytes.length);
    body.writeBytes(bytes);
    exchange.respond(status, "application/json", body);
  }

  /** What a request for predictions gets that cannot be read. */
  static String notJson(ServingException problem) {
    return error("Json error", parsing(problem, PREDICT_SCHEMA));
  }

  /** What an update gets that cannot be read: no JSON, but words. */
  static String notAnUpdate(ServingException problem) {
    return parsing(problem, UPDATE_SCHEMA);
  }

  private static String parsing(ServingException problem, String schema) {
    return "Error parsing JSON: " + problem.getMessage() + ". Expected JSON schema: " + schema;
  }

  /** What a request for predictions gets that could not be answered. */
  static String notProcessed(String cause) {
    return error("Query processing error", cause);
  }

  private static String error(String error, String cause) {
    JsonObject json = new JsonObject();
    json.addProperty("error", error);
    json.addProperty("cause", cause);
    return json.toString();
  }
}
