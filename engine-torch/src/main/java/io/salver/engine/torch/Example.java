package io.salver.engine.torch;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.StringGenericListDict;

/**
 * The inputs that a model was traced with, which {@code torch.jit.trace} puts into the archive, and
 * what the model makes of them.
 *
 * @param inputs one for each argument of {@code forward}
 * @param outputs one for each value that it returns
 */
record Example(List<Typed> inputs, List<Typed> outputs) {
  private static final String METHOD = "forward";

  /**
   * A value's type and shape.
   *
   * @param key in a dictionary
   * @param dtype empty if Salver has no such type
   */
  record Typed(Optional<String> key, Optional<DType> dtype, Shape shape) {
    /** With any number of rows: examples mostly have one. */
    Shape anyRows() {
      return shape.rank() == 0 ? shape : shape.withFirst(-1);
    }
  }

  /**
   * Runs the model once with what it was traced with, in the caller's scope.
   *
   * @return empty if it was not traced
   */
  static Optional<Example> run(JitModule module) {
    StringGenericListDict traced = module.retrieve_traced_inputs();
    if (!traced.contains(METHOD)) {
      return Optional.empty();
    }
    GenericList values = traced.at(METHOD);
    List<Typed> inputs = new ArrayList<>();
    IValueVector stack = new IValueVector();
    for (long i = 0; i < values.size(); i++) {
      IValue value = values.get(i);
      inputs.add(new Typed(Optional.empty(), Values.dtype(value), Values.shape(value)));
      stack.push_back(value);
    }
    List<Typed> outputs =
        Values.leaves(module.forward(stack)).stream()
            .map(leaf ->
                new Typed(leaf.key(), Values.dtype(leaf.value()), Values.shape(leaf.value())))
            .toList();
    return Optional.of(new Example(List.copyOf(inputs), outputs));
  }
}
