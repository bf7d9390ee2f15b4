package io.salver.server.inference;

import io.salver.lifecycle.LeaseWaiter;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Caller;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.metrics.Method;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.testkit.HalfPlusTwo;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** Asks a model that is {@link HalfPlusTwo} for one number; fails the test if answered twice. */
final class HalfCall implements InferenceCall {
  private final String model;
  private final float x;
  private float answer = Float.NaN;
  private boolean answered;
  private long kept;
  private boolean cancelled;
  private Runnable onCancel = () -> {};
  private @Nullable ServingException failure;

  HalfCall(String model, float x) {
    this.model = model;
    this.x = x;
  }

  void cancel() {
    cancelled = true;
    onCancel.run();
  }

  boolean isAnswered() {
    return answered;
  }

  float number() {
    return answer;
  }

  @Nullable ServingException failure() {
    return failure;
  }

  @Override
  public Method method() {
    return Method.PREDICT;
  }

  @Override
  public String model() {
    return model;
  }

  @Override
  public long deadlineNs() {
    return Long.MAX_VALUE;
  }

  @Override
  public @Nullable ModelLease lease(ServedModels models, LeaseWaiter waiter) {
    return models.lease(model, VersionSelector.LATEST, Caller.SILENT, waiter);
  }

  @Override
  public void keep(TensorArena arena) {
    kept = arena.allocate(Float.BYTES).address();
  }

  /** Where the request was kept; 0 if it was not. */
  long kept() {
    return kept;
  }

  @Override
  public PredictRequest decode(ModelLease lease, TensorArena arena) {
    Tensor input = arena.allocate(HalfPlusTwo.SIGNATURE.inputs().getFirst().dtype(), Shape.of(1));
    input.data().set(ValueLayout.JAVA_FLOAT, 0, x);
    return new PredictRequest(
        lease,
        HalfPlusTwo.SIGNATURE,
        new Tensor[] {input},
        null,
        arena,
        System.nanoTime(),
        Long.MAX_VALUE);
  }

  @Override
  public void onCancel(Runnable action) {
    onCancel = action;
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public void answer(PredictRequest request) {
    answer = request.output(0).getFloat(0);
    end();
  }

  @Override
  public void fail(ServingException reason) {
    failure = reason;
    end();
  }

  private void end() {
    if (answered) {
      throw new AssertionError("answered twice");
    }
    answered = true;
  }
}
