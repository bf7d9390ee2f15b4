package io.salver.testkit;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A model in plain Java: {@code y = x / 2 + 2} for a FLOAT32 {@code x} of any shape. Fails the test
 * if it is run after it was closed.
 */
public final class HalfPlusTwo implements LoadedModel {
  /** Its only signature. */
  public static final Signature SIGNATURE =
      new Signature(
          Signature.DEFAULT_NAME,
          "tensorflow/serving/predict",
          List.of(TensorSpec.of("x", DType.FLOAT32, Shape.of(-1))),
          List.of(TensorSpec.of("y", DType.FLOAT32, Shape.of(-1))));

  private final AtomicBoolean closed = new AtomicBoolean();

  @Override
  public Map<String, Signature> signatures() {
    return Map.of(SIGNATURE.name(), SIGNATURE);
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public void run(Batch batch) {
    if (closed.get()) {
      throw new AssertionError("run after close");
    }
    Tensor x = batch.input(0);
    if (x == null) {
      throw new AssertionError("x is required");
    }
    Tensor y = batch.arena().allocate(DType.FLOAT32, x.shape());
    for (long i = 0; i < x.elementCount(); i++) {
      y.data().set(ValueLayout.JAVA_FLOAT, i * Float.BYTES, x.getFloat(i) / 2 + 2);
    }
    batch.setOutput(0, y);
  }

  @Override
  public long memoryBytes() {
    return 0;
  }

  /** Whether {@link #close()} was called. */
  public boolean isClosed() {
    return closed.get();
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      throw new AssertionError("closed twice");
    }
  }
}
