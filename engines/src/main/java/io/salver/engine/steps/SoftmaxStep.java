package io.salver.engine.steps;

import io.salver.engine.Batch;
import io.salver.engine.ModelLoadException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** {@link StepSpec.Softmax}. */
final class SoftmaxStep implements Step {
  private static final Set<DType> TYPES = EnumSet.of(DType.FLOAT32, DType.FLOAT16);

  private final Signature signature;

  SoftmaxStep(StepSpec.Softmax spec, TensorSpec tensor) throws ModelLoadException {
    Floats.check(spec.tensor(), tensor.dtype(), TYPES);
    this.signature =
        new Signature(
            spec.kind(),
            "",
            List.of(TensorSpec.of(spec.tensor(), tensor.dtype(), tensor.shape())),
            List.of(TensorSpec.of(spec.output(), DType.FLOAT32, tensor.shape())));
  }

  @Override
  public Signature signature() {
    return signature;
  }

  @Override
  public void run(Batch batch) {
    Tensor in = Inputs.required(batch, 0);
    Shape shape = in.shape();
    Tensor out = batch.arena().allocate(DType.FLOAT32, shape);
    int length = shape.rank() == 0 ? 1 : Math.toIntExact(shape.dim(shape.rank() - 1));
    for (long from = 0; from < in.elementCount(); from += length) {
      row(in, out, from, length);
    }
    batch.setOutput(0, out);
  }

  /** The largest is taken away first, so that no exponential is infinite. */
  private static void row(Tensor in, Tensor out, long from, int length) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < length; i++) {
      max = Math.max(max, Floats.get(in, from + i));
    }
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += Math.exp((double) Floats.get(in, from + i) - max);
    }
    for (int i = 0; i < length; i++) {
      double value = Math.exp((double) Floats.get(in, from + i) - max) / sum;
      Floats.set(out, from + i, (float) value);
    }
  }
}
