package io.salver.server.inference;

import io.salver.batching.RunStatistics;
import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.lifecycle.VersionRunner;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;

/** Runs each request at once, on the thread that brings it. */
public record InlineRunner(LoadedModel model) implements VersionRunner {
  public static final Factory FACTORY = (_, model) -> new InlineRunner(model);

  @Override
  public void predict(PredictRequest request, Reply reply) {
    Batch batch =
        new Batch(
            request.signature(),
            request.inputs(),
            request.wanted(),
            request.arena(),
            request.deadlineNs());
    try {
      model.run(batch);
    } catch (ServingException e) {
      reply.failed(request, e);
      return;
    }
    request.setOutputs(batch);
    reply.succeeded(request);
  }

  @Override
  public RunStatistics statistics() {
    return new RunStatistics();
  }

  @Override
  public void close() {}
}
