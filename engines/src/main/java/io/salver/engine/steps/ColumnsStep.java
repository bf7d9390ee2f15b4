package io.salver.engine.steps;

import io.salver.engine.Batch;
import io.salver.engine.ModelLoadException;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** {@link StepSpec.Columns}. */
final class ColumnsStep implements Step {
  private final Signature signature;
  private final DType dtype;
  private final int columns;

  ColumnsStep(StepSpec.Columns spec, TensorSpec tensor) throws ModelLoadException {
    Shape shape = tensor.shape();
    if (tensor.dtype() != DType.FLOAT32 && tensor.dtype() != DType.FLOAT64 || shape.rank() != 2) {
      throw new ModelLoadException(
          "tensor: \"%s\" is %s%s (expected: FLOAT32 or FLOAT64 [n,columns])"
              .formatted(spec.tensor(), tensor.dtype(), shape));
    }
    this.dtype = tensor.dtype();
    this.columns = spec.inputs().size();
    long declared = shape.dim(1);
    if (columns == 0 || declared != -1 && declared != columns) {
      throw new ModelLoadException(
          "inputs: %d names (expected: one for each column of \"%s\", which is %s)"
              .formatted(columns, spec.tensor(), shape));
    }
    this.signature =
        new Signature(
            spec.kind(),
            "",
            spec.inputs().stream()
                .map(name -> TensorSpec.of(name, dtype, Shape.of(shape.dim(0))))
                .toList(),
            List.of(TensorSpec.of(spec.tensor(), dtype, shape)));
  }

  @Override
  public Signature signature() {
    return signature;
  }

  @Override
  public void run(Batch batch) {
    long rows = Inputs.required(batch, 0).elementCount();
    Tensor out = batch.arena().allocate(dtype, Shape.of(rows, columns));
    int size = dtype.sizeBytes();
    for (int column = 0; column < columns; column++) {
      Tensor in = Inputs.required(batch, column);
      if (in.elementCount() != rows) {
        throw ServingException.invalid(
            "input \"%s\": %d values (expected: %d, as \"%s\" has)"
                .formatted(
                    signature.inputs().get(column).name(),
                    in.elementCount(),
                    rows,
                    signature.inputs().getFirst().name()));
      }
      for (long row = 0; row < rows; row++) {
        MemorySegment.copy(
            in.data(), row * size, out.data(), (row * columns + column) * size, size);
      }
    }
    batch.setOutput(0, out);
  }
}
