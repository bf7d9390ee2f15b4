package io.salver.engine.steps;

import io.salver.engine.Batch;
import io.salver.engine.ModelLoadException;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Signature;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.util.List;

/** {@link StepSpec.Names}. */
final class NamesStep implements Step {
  private static final int TYPICAL_NAME_BYTES = 16;

  private final StepSpec.Names spec;
  private final Signature signature;
  private final List<byte[]> names;

  NamesStep(StepSpec.Names spec, TensorSpec tensor, List<byte[]> names) throws ModelLoadException {
    if (tensor.dtype() != DType.INT64 && tensor.dtype() != DType.INT32) {
      throw new ModelLoadException(
          "tensor: \"%s\" is %s (expected: INT64 or INT32)"
              .formatted(spec.tensor(), tensor.dtype()));
    }
    this.spec = spec;
    this.names = names;
    this.signature =
        new Signature(
            spec.kind(),
            "",
            List.of(TensorSpec.of(spec.tensor(), tensor.dtype(), tensor.shape())),
            List.of(TensorSpec.of(spec.output(), DType.STRING, tensor.shape())));
  }

  @Override
  public Signature signature() {
    return signature;
  }

  @Override
  public void run(Batch batch) {
    Tensor numbers = Inputs.required(batch, 0);
    long count = numbers.elementCount();
    StringTensorBuilder built =
        new StringTensorBuilder(batch.arena(), count, count * TYPICAL_NAME_BYTES);
    for (long i = 0; i < count; i++) {
      long number = numbers.dtype() == DType.INT64 ? numbers.getLong(i) : numbers.getInt(i);
      if (number < 0 || number >= names.size()) {
        throw new ServingException(
            Category.INTERNAL,
            "step names: \"%s\" has class %d (expected: below %d, as %s has so many lines)"
                .formatted(spec.tensor(), number, names.size(), spec.file()));
      }
      built.add(names.get((int) number));
    }
    batch.setOutput(0, built.build(numbers.shape()));
  }
}
