package io.salver.engine.torch;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.ExtraFilesMap;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.LongVectorOptional;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.ValueArrayRef;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.TypeKind;

/**
 * The types and shapes of the inputs that a model was traced with, which {@code torch.jit.trace}
 * puts into the archive, and of what the model makes of ones of these.
 *
 * @param inputs one for each argument of {@code forward}
 * @param outputs one for each value that it returns
 */
record Example(List<Typed> inputs, List<Typed> outputs) {

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
   * Reads the archive a second time, with its graphs' shapes: a module that has these may be
   * optimised for them alone, and its state begins with this run, so it is not the one that
   * answers. In the caller's scope.
   *
   * @return empty if not all inputs are tensors of known shape
   * @throws RuntimeException of libtorch, if the model fails over ones
   */
  static Optional<Example> run(Path path, DeviceOptional device) {
    JitModule shaped =
        torch.import_ir_module(
            new CompilationUnit(), path.toString(), device, new ExtraFilesMap(), false, true);
    shaped.eval();
    ValueArrayRef arguments = shaped.get_method("forward").graph().inputs();
    List<Typed> inputs = new ArrayList<>();
    IValueVector stack = new IValueVector();
    for (long i = 1; i < arguments.size(); i++) {
      Optional<Typed> input = typed(arguments.get(i).type().get());
      if (input.isEmpty()) {
        return Optional.empty();
      }
      inputs.add(input.get());
      DType dtype = input.get().dtype().orElseThrow();
      stack.push_back(new IValue(torch.ones(input.get().shape().dims(), TorchType.options(dtype))));
    }
    List<Typed> outputs =
        Values.leaves(shaped.forward(stack)).stream()
            .map(leaf ->
                new Typed(leaf.key(), Values.dtype(leaf.value()), Values.shape(leaf.value())))
            .toList();
    return Optional.of(new Example(List.copyOf(inputs), outputs));
  }

  private static Optional<Typed> typed(Type type) {
    if (type.kind().intern() != TypeKind.TensorType) {
      return Optional.empty();
    }
    TensorType tensor = new TensorType(type);
    LongVectorOptional sizes = tensor.sizes().concrete_sizes();
    Optional<DType> dtype =
        tensor.scalarType().has_value()
            ? TorchType.of(tensor.scalarType().get())
            : Optional.empty();
    if (!sizes.has_value() || dtype.isEmpty()) {
      return Optional.empty();
    }
    LongVector values = sizes.get();
    long[] dims = new long[Math.toIntExact(values.size())];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = values.get(i);
    }
    return Optional.of(new Typed(Optional.empty(), dtype, Shape.of(dims)));
  }
}
