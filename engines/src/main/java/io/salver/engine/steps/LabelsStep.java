package io.salver.engine.steps;

import io.salver.engine.Batch;
import io.salver.engine.ModelLoadException;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** {@link StepSpec.Labels}. */
final class LabelsStep implements Step {
  private static final Set<DType> TYPES =
      EnumSet.of(DType.FLOAT32, DType.FLOAT16, DType.UINT8, DType.INT8);
  private static final int TYPICAL_LABEL_BYTES = 16;

  private final StepSpec.Labels spec;
  private final Signature signature;
  private final List<byte[]> names;
  private final int top;

  LabelsStep(StepSpec.Labels spec, TensorSpec tensor, List<byte[]> names)
      throws ModelLoadException {
    Floats.check(spec.tensor(), tensor.dtype(), TYPES);
    Shape shape = tensor.shape();
    long classes = classes(shape);
    if (classes >= 0 && classes != names.size()) {
      throw new ModelLoadException(
          "file: \"%s\": %d lines (expected: %d, as \"%s\" is %s)"
              .formatted(spec.file(), names.size(), classes, spec.tensor(), shape));
    }
    if (spec.top() < 1) {
      throw new ModelLoadException("top: " + spec.top() + " (expected: >= 1)");
    }
    this.spec = spec;
    this.names = names;
    this.top = Math.min(spec.top(), names.size());
    Shape out = Shape.of(shape.rank() == 0 ? -1 : shape.dim(0), top);
    this.signature =
        new Signature(
            spec.kind(),
            "",
            List.of(TensorSpec.of(spec.tensor(), tensor.dtype(), shape)),
            List.of(
                TensorSpec.of(spec.label(), DType.STRING, out),
                TensorSpec.of(spec.score(), DType.FLOAT32, out)));
  }

  /** The elements of a row; -1 if the model does not say how many. */
  private static long classes(Shape shape) {
    long classes = shape.rank() < 2 ? -1 : 1;
    for (int i = 1; i < shape.rank() && classes >= 0; i++) {
      classes = shape.dim(i) < 0 ? -1 : classes * shape.dim(i);
    }
    return classes;
  }

  @Override
  public Signature signature() {
    return signature;
  }

  @Override
  public void run(Batch batch) {
    Tensor scores = Inputs.required(batch, 0);
    int classes = names.size();
    long rows = scores.elementCount() / classes;
    if (scores.shape().rank() < 2
        || scores.shape().dim(0) != rows
        || rows * classes != scores.elementCount()) {
      throw new ServingException(
          Category.INTERNAL,
          "step labels: \"%s\" is %s (expected: [rows, %d], as %s has so many lines)"
              .formatted(spec.tensor(), scores.shape(), classes, spec.file()));
    }
    Shape shape = Shape.of(rows, top);
    Tensor best = batch.arena().allocate(DType.FLOAT32, shape);
    StringTensorBuilder labels =
        new StringTensorBuilder(batch.arena(), rows * top, rows * top * TYPICAL_LABEL_BYTES);
    float[] values = new float[classes];
    int[] order = new int[top];
    for (long row = 0; row < rows; row++) {
      for (int c = 0; c < classes; c++) {
        values[c] = Floats.get(scores, row * classes + c);
      }
      TopK.of(values, order);
      for (int k = 0; k < top; k++) {
        labels.add(names.get(order[k]));
        Floats.set(best, row * top + k, values[order[k]]);
      }
    }
    batch.setOutput(0, labels.build(shape));
    batch.setOutput(1, best);
  }
}
