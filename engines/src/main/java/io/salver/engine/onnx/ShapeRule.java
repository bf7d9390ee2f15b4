package io.salver.engine.onnx;

import io.salver.engine.Batch;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an output's shape follows from the inputs': each of its dimensions is a number, or has the
 * symbolic name of an input's dimension. It is what the model's author declared, so it may be wrong
 * for a run.
 */
final class ShapeRule {
  private final DType dtype;
  private final long[] fixed;
  private final int[] fromInput;
  private final int[] fromDim;
  private final @Nullable Shape constant;

  private ShapeRule(DType dtype, Shape shape) {
    this.dtype = dtype;
    this.fixed = shape.dims();
    this.fromInput = new int[fixed.length];
    this.fromDim = new int[fixed.length];
    this.constant = shape.isConcrete() ? shape : null;
  }

  /** The rule for {@code output} of a session that is given {@code inputs}, if there is one. */
  static @Nullable ShapeRule of(Port output, List<Port> inputs) {
    if (!(output.type() instanceof OnnxType.OfTensor tensor)
        || !tensor.dtype().isFixedSize()
        || !tensor.shape().isRankKnown()) {
      return null;
    }
    ShapeRule rule = new ShapeRule(tensor.dtype(), tensor.shape());
    for (int i = 0; i < rule.fixed.length; i++) {
      if (rule.fixed[i] < 0 && !rule.bind(i, tensor.symbols().get(i), inputs)) {
        return null;
      }
    }
    return rule;
  }

  private boolean bind(int i, String symbol, List<Port> inputs) {
    for (int input = 0; input < inputs.size() && !symbol.isEmpty(); input++) {
      if (inputs.get(input).type() instanceof OnnxType.OfTensor tensor) {
        int dim = tensor.symbols().indexOf(symbol);
        if (dim >= 0) {
          fromInput[i] = input;
          fromDim[i] = dim;
          return true;
        }
      }
    }
    return false;
  }

  /** The type of the output's elements. */
  DType dtype() {
    return dtype;
  }

  /** The output's shape for inputs that have the declared ranks. */
  Shape shape(Batch batch) {
    if (constant != null) {
      return constant;
    }
    long[] dims = fixed.clone();
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] < 0) {
        Tensor input = batch.input(fromInput[i]);
        dims[i] = input == null ? 0 : input.shape().dim(fromDim[i]);
      }
    }
    return Shape.of(dims);
  }
}
