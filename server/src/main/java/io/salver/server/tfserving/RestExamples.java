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
import io.salver.tensor.TensorArena;
import org.jspecify.annotations.Nullable;

/** One request to {@code :classify} or {@code :regress}. */
final class RestExamples implements InferenceCall {
  private final RestRoute.Examples route;
  private final RestCall call;
  private final RestCodec codec;
  private final RestAnswers answers;
  private @Nullable ExampleTask task;

  RestExamples(RestRoute.Examples route, RestCall call, RestCodec codec, RestAnswers answers) {
    this.route = route;
    this.call = call;
    this.codec = codec;
    this.answers = answers;
  }

  @Override
  public Method method() {
    return route.method().method();
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
    ExamplesBody body = codec.examples().read(exchange.body(), exchange.bodyLength(), arena);
    ExampleTask wanted = ExampleTask.named(route.method(), body.signatureName(), lease.model());
    task = wanted;
    return wanted.request(
        lease, body.examples(), arena, exchange.receivedNs(), call.deadlineNs(), call.priority());
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
    if (task == null) {
      throw new AssertionError("answered before it was decoded");
    }
    JsonWriter out = codec.writer().clear();
    switch (task.result(request)) {
      case ExampleTask.Classified(var labels, var scores) ->
          ResultsJsonWriter.writeClassifications(labels, scores, out);
      case ExampleTask.Regressed(var values) -> ResultsJsonWriter.writeRegressions(values, out);
    }
    answers.send(call, out);
  }

  @Override
  public void fail(ServingException failure) {
    call.fail(failure);
  }
}
