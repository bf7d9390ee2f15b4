package io.salver.server.tfserving;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import io.netty.buffer.ByteBuf;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.http.HttpExchange;
import io.salver.server.inference.RestCall;
import io.salver.server.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Sends the REST API's answers. Thread-safe.
 *
 * @param headers what every answer carries beside the usual
 */
record RestAnswers(Map<String, String> headers) implements RestCall.FailureWriter {
  private static final String JSON = "application/json";
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().alwaysPrintFieldsWithNoPresence().preservingProtoFieldNames();

  /** Answers with what {@code json} holds. */
  void send(HttpExchange exchange, int status, JsonWriter json) {
    exchange.respond(status, JSON, headers, body(exchange, json));
  }

  /** Answers {@code call} with what {@code json} holds. */
  void send(RestCall call, JsonWriter json) {
    call.respond(RestStatus.OK, JSON, headers, body(call.exchange(), json));
  }

  private static ByteBuf body(HttpExchange exchange, JsonWriter json) {
    ByteBuf body = exchange.newBody(json.size());
    body.writeBytes(json.array(), 0, json.size());
    return body;
  }

  /** Answers with a document. */
  void send(HttpExchange exchange, int status, String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    ByteBuf body = exchange.newBody(bytes.length);
    body.writeBytes(bytes);
    exchange.respond(status, JSON, headers, body);
  }

  @Override
  public void fail(HttpExchange exchange, ServingException failure) {
    JsonWriter json = new JsonWriter();
    ResultsJsonWriter.writeError(failure.getMessage(), json);
    send(exchange, RestStatus.of(failure.category()), json);
  }

  /** A message as JSON, with its fields' own names, those that are not set included. */
  static String json(MessageOrBuilder message) {
    try {
      return PRINTER.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new ServingException(
          Category.INTERNAL, "Failed to convert proto to json. Error: " + e.getMessage(), e);
    }
  }
}
