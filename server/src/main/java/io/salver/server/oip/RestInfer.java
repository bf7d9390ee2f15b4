package io.salver.server.oip;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.salver.lifecycle.LeaseWaiter;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.http.HttpExchange;
import io.salver.server.inference.BufferViews;
import io.salver.server.inference.InferenceCall;
import io.salver.server.inference.RestCall;
import io.salver.server.json.JsonWriter;
import io.salver.server.metrics.Method;
import io.salver.server.net.Transfer;
import io.salver.tensor.TensorArena;
import io.salver.wire.ProtoEncoder;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One request to {@code /infer}. */
final class RestInfer implements InferenceCall {
  /** Says, in requests and answers, how much of a body is JSON that binary data follows. */
  static final String JSON_LENGTH = "inference-header-content-length";

  private static final String BINARY = "application/octet-stream";
  private static final long MAX_BODY_BYTES = Integer.MAX_VALUE - 1024;

  /** The reader and the writer of one event loop. */
  record Codec(InferBodyReader reader, JsonWriter writer) {}

  private final OipRoute.ModelInfer route;
  private final RestCall call;
  private final Codec codec;
  private final OipAnswers answers;
  private @Nullable ReplyForm form;

  RestInfer(OipRoute.ModelInfer route, RestCall call, Codec codec, OipAnswers answers) {
    this.route = route;
    this.call = call;
    this.codec = codec;
    this.answers = answers;
  }

  @Override
  public Method method() {
    return Method.PREDICT;
  }

  @Override
  public String model() {
    return route.model();
  }

  @Override
  public Transfer transfer() {
    return call.exchange();
  }

  @Override
  public long deadlineNs() {
    return call.deadlineNs();
  }

  @Override
  public @Nullable ModelLease lease(ServedModels models, LeaseWaiter waiter) {
    return ModelVersions.lease(models, route.model(), route.selector(), call.exchange(), waiter);
  }

  @Override
  public void keep(TensorArena arena) {
    // The exchange keeps its body until it is answered.
  }

  @Override
  public PredictRequest decode(ModelLease lease, TensorArena arena) {
    HttpExchange exchange = call.exchange();
    InferMessageReader.Read read =
        codec
            .reader()
            .read(
                exchange.body(),
                exchange.bodyLength(),
                jsonLength(exchange),
                lease,
                arena,
                exchange.receivedNs(),
                call.deadlineNs());
    form = read.form();
    return read.request();
  }

  private static int jsonLength(HttpExchange exchange) {
    int length = exchange.bodyLength();
    String header = exchange.header(JSON_LENGTH);
    if (header == null) {
      if (length == 0) {
        throw ServingException.invalid("request: an empty body (expected: a JSON object)");
      }
      return length;
    }
    try {
      int jsonLength = Integer.parseInt(header.strip());
      if (jsonLength >= 0 && jsonLength <= length) {
        return jsonLength;
      }
    } catch (NumberFormatException e) {
      // Refused below, like a number that is out of range.
    }
    throw ServingException.invalid(
        "inference header size should be in range (0, " + length + "), got: " + header);
  }

  @Override
  public void onCancel(Runnable action) {
    call.onAbandoned(action);
  }

  @Override
  public boolean isCancelled() {
    return call.isAbandoned();
  }

  @Override
  public void addHeader(AsciiString lowerCaseName, AsciiString value) {
    call.addHeader(lowerCaseName, value);
  }

  @Override
  public void answer(PredictRequest request) {
    InferBodyWriter writer =
        new InferBodyWriter(
            request, Objects.requireNonNull(form, "answered before it was decoded"));
    JsonWriter json = codec.writer().clear();
    writer.writeJson(json);
    if (writer.binarySize() == 0) {
      call.respond(
          OipAnswers.OK,
          OipAnswers.JSON,
          answers.headers(),
          OipAnswers.body(call.exchange(), json));
      return;
    }
    respondBinary(writer, json);
  }

  private void respondBinary(InferBodyWriter writer, JsonWriter json) {
    long size = json.size() + writer.binarySize();
    if (size > MAX_BODY_BYTES) {
      throw new ServingException(
          Category.RESOURCE_EXHAUSTED,
          "answer: " + size + " bytes (expected: at most " + MAX_BODY_BYTES + ")");
    }
    int binarySize = (int) writer.binarySize();
    ByteBuf body = call.exchange().newBody((int) size);
    try {
      body.writeBytes(json.array(), 0, json.size());
      writer.writeBinary(new ProtoEncoder(BufferViews.writable(body, binarySize)));
      body.writerIndex(body.writerIndex() + binarySize);
    } catch (RuntimeException | Error e) {
      body.release();
      throw e;
    }
    Map<String, String> headers = new HashMap<>(answers.headers());
    headers.put(JSON_LENGTH, Integer.toString(json.size()));
    call.respond(OipAnswers.OK, BINARY, headers, body);
  }

  @Override
  public void fail(ServingException failure) {
    call.fail(failure);
  }
}
