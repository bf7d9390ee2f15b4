package io.salver.batching;

import io.salver.engine.LoadedModel;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.testkit.HalfPlusTwo;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;

/** Requests to {@link HalfPlusTwo}, and a reply that remembers. */
final class TestRequests {
  private TestRequests() {}

  static PredictRequest of(TensorArena arena, ModelLease lease, long deadlineNs, float... x) {
    Tensor input = arena.allocate(DType.FLOAT32, Shape.of(x.length));
    for (int i = 0; i < x.length; i++) {
      input.data().set(ValueLayout.JAVA_FLOAT, 4L * i, x[i]);
    }
    return new PredictRequest(
        lease,
        HalfPlusTwo.SIGNATURE,
        new Tensor[] {input},
        null,
        arena,
        System.nanoTime(),
        deadlineNs);
  }

  /** Remembers its one answer; a second one fails the test. */
  static final class Answer implements Reply {
    private final CompletableFuture<Float> first = new CompletableFuture<>();
    private volatile Thread thread = Thread.currentThread();

    @Override
    public void succeeded(PredictRequest request) {
      thread = Thread.currentThread();
      once(first.complete(request.output(0).getFloat(0)));
    }

    @Override
    public void failed(PredictRequest request, ServingException failure) {
      thread = Thread.currentThread();
      once(first.completeExceptionally(failure));
    }

    private static void once(boolean wasFirst) {
      if (!wasFirst) {
        throw new AssertionError("answered twice");
      }
    }

    /** The first output's first element; fails as the request did. */
    float get() throws Exception {
      return first.get();
    }

    /** The failure, which must have come or come. */
    ServingException failure() {
      return (ServingException) first.handle((y, failure) -> failure).join();
    }

    boolean isDone() {
      return first.isDone();
    }

    /** Who answered. */
    Thread thread() {
      return thread;
    }
  }

  /** A lease that may be closed at will. */
  record Lease(LoadedModel model, Predictor predictor) implements ModelLease {
    @Override
    public ModelVersion version() {
      return new ModelVersion("half_plus_two", 1);
    }

    @Override
    public void close() {}
  }
}
