package io.salver.lifecycle;

import io.salver.batching.RunStatistics;
import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.model.ModelVersion;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs each request at once on the calling thread, and fails the test when used after close. */
final class InlineRunner implements VersionRunner {
  private final LoadedModel model;
  private final AtomicBoolean closed = new AtomicBoolean();

  InlineRunner(ModelVersion version, LoadedModel model) {
    this.model = model;
  }

  @Override
  public void predict(PredictRequest request, Reply reply) {
    if (closed.get()) {
      throw new AssertionError("predict after close");
    }
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
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      throw new AssertionError("runner closed twice");
    }
  }
}
