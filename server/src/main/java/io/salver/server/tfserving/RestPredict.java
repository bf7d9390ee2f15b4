package io.salver.server.tfserving;

import io.netty.util.AsciiString;
import io.salver.lifecycle.LeaseWaiter;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.http.HttpExchange;
import io.salver.server.inference.InferenceCall;
import io.salver.server.inference.RestCall;
import io.salver.server.json.JsonWriter;
import io.salver.server.metrics.Method;
import io.salver.server.net.Transfer;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorArena;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One request to {@code :predict}. */
final class RestPredict implements InferenceCall {
  private final RestRoute.Predict route;
  private final RestCall call;
  private final RestCodec codec;
  private final RestAnswers answers;
  private boolean rowFormat;

  RestPredict(RestRoute.Predict route, RestCall call, RestCodec codec, RestAnswers answers) {
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
    return models.lease(route.model(), route.selector(), call.exchange(), waiter);
  }

  @Override
  public void keep(TensorArena arena) {
    // The exchange keeps its body until it is answered.
  }

  @Override
  public PredictRequest decode(ModelLease lease, TensorArena arena) {
    HttpExchange exchange = call.exchange();
    Map<String, Signature> signatures = lease.model().signatures();
    PredictBody body =
        codec
            .predict()
            .read(exchange.body(), exchange.bodyLength(), name -> find(signatures, name), arena);
    rowFormat = body.rowFormat();
    return new PredictRequest(
        lease,
        body.signature(),
        body.inputs(),
        null,
        arena,
        exchange.receivedNs(),
        call.deadlineNs(),
        call.priority(),
        0);
  }

  private static Signature find(Map<String, Signature> signatures, String name) {
    Signature signature = signatures.get(name);
    if (signature == null) {
      throw ServingException.invalid(
          "Serving signature name: \"" + name + "\" not found in signature def");
    }
    return signature;
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
    JsonWriter out = codec.writer().clear();
    PredictJsonWriter.write(request, rowFormat, out);
    answers.send(call, out);
  }

  @Override
  public void fail(ServingException failure) {
    call.fail(failure);
  }
}
