package io.salver.batching;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.lifecycle.VersionRunner;
import io.salver.model.ModelVersion;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.predict.Stage;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Tensor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Runs the requests of one version, each as a batch of its own.
 *
 * <p>Two placements, chosen for each request by what the model's runs have taken so far. A request
 * that is expected to be quick is run inline, by the thread that decoded it: a hand-off would cost
 * more than the run. Any other goes to the version's {@link Instances}, so that a slow model cannot
 * hold up an event loop. What has never been measured counts as slow.
 */
public final class ModelRunner implements VersionRunner {
  private static final Logger LOG = System.getLogger(ModelRunner.class.getName());

  private final ModelVersion version;
  private final LoadedModel model;
  private final long inlineBoundNs;
  private final RunTimeEstimate runTime = new RunTimeEstimate();
  private final Instances instances;
  private final RunStatistics statistics = new RunStatistics();

  private ModelRunner(ModelVersion version, LoadedModel model, RunnerConfig config) {
    this.version = version;
    this.model = model;
    this.inlineBoundNs = model.isConcurrent() ? config.inlineBound().toNanos() : 0;
    this.instances =
        new Instances(
            version.toString(), model.isConcurrent() ? config.instances() : 1, config.maxQueued());
  }

  /** Makes runners with one configuration. */
  public static VersionRunner.Factory factory(RunnerConfig config) {
    return (version, model) -> new ModelRunner(version, model, config);
  }

  @Override
  public void predict(PredictRequest request, Reply reply) {
    long inputBytes = inputBytes(request);
    if (runTime.expectNs(inputBytes) < inlineBoundNs) {
      request.mark(Stage.QUEUE);
      run(request, reply, inputBytes);
      return;
    }
    try {
      instances.execute(() -> runLater(request, reply, inputBytes));
    } catch (RejectedExecutionException full) {
      reply.failed(request, new ServingException(Category.UNAVAILABLE, instances.fullMessage()));
    } catch (OutOfMemoryError noThread) {
      reply.failed(request, new ServingException(Category.UNAVAILABLE, "instances: " + noThread));
    }
  }

  private void runLater(PredictRequest request, Reply reply, long inputBytes) {
    request.mark(Stage.QUEUE);
    if (request.isCancelled()) {
      reply.failed(request, cancelled());
      return;
    }
    if (request.deadlineNs() != Long.MAX_VALUE && request.deadlineNs() - System.nanoTime() <= 0) {
      reply.failed(
          request,
          new ServingException(
              Category.DEADLINE_EXCEEDED,
              "deadline: passed after "
                  + request.stageNs(Stage.QUEUE) / 1_000
                  + " us in the queue of "
                  + version));
      return;
    }
    run(request, reply, inputBytes);
  }

  private static ServingException cancelled() {
    return new ServingException(Category.CANCELLED, "cancelled: before it was run");
  }

  private void run(PredictRequest request, Reply reply, long inputBytes) {
    Batch batch =
        new Batch(
            request.signature(),
            request.inputs(),
            request.wanted(),
            request.arena(),
            request.deadlineNs());
    ServingException failure = runModel(batch);
    request.mark(Stage.RUN);
    if (failure != null) {
      // A refusal is quick: it says nothing of what a run takes.
      reply.failed(request, failure);
    } else {
      long runNs = request.stageNs(Stage.RUN);
      runTime.add(inputBytes, runNs);
      statistics.ran(request.rows(), 1, 0, runNs, 0);
      request.setOutputs(batch);
      reply.succeeded(request);
    }
  }

  private @Nullable ServingException runModel(Batch batch) {
    try {
      model.run(batch);
      return null;
    } catch (ServingException e) {
      return e;
    } catch (MemoryLimitException e) {
      return ServingException.of(e);
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "Running " + version + " failed", e);
      return new ServingException(Category.INTERNAL, "model " + version + ": " + e, e);
    }
  }

  private static long inputBytes(PredictRequest request) {
    long bytes = 0;
    for (Tensor input : request.inputs()) {
      bytes += input == null ? 0 : input.data().byteSize();
    }
    return bytes;
  }

  @Override
  public RunStatistics statistics() {
    return statistics;
  }

  @Override
  public void close() {
    instances.close();
  }
}
