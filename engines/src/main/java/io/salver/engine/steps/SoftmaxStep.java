package io.salver.engine.steps;

import io.salver.engine.Batch;
import io.salver.engine.ModelLoadException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** {@link StepSpec.Softmax}. */
final class SoftmaxStep implements Step {
  private final Signature signature;

  SoftmaxStep(StepSpec.Softmax spec, TensorSpec tensor) throws ModelLoadException {
    if (tensor.dtype() != DType.FLOAT32) {
      throw new ModelLoadException(
          "tensor: \"" + spec.tensor() + "\" is " + tensor.dtype() + " (expected: FLOAT32)");
    }
    this.signature =
        new Signature(
            spec.kind(),
            "",
            List.of(TensorSpec.of(spec.tensor(), DType.FLOAT32, tensor.shape())),
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
      max = Math.max(max, in.getFloat(from + i));
    }
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += Math.exp((double) in.getFloat(from + i) - max);
    }
    for (int i = 0; i < length; i++) {
      double value = Math.exp((double) in.getFloat(from + i) - max) / sum;
      out.data().set(ValueLayout.JAVA_FLOAT_UNALIGNED, (from + i) * Float.BYTES, (float) value);
    }
  }
}
