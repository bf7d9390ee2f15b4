package io.salver.batching;

import io.salver.engine.LoadedModel;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Made-up inputs whose rows are told by a number: the same row is the same wherever it stands.
 *
 * @param innerDim what unknown dimensions other than the first are
 * @param emptyStrings whether strings of which the model has no examples are empty, as a serialized
 *     example may be, or a few digits
 */
record SyntheticRows(long innerDim, boolean emptyStrings) {
  private static final long MAX_STRINGS = 1L << 16;
  private static final int SMALL_INTEGERS = 4;

  /**
   * The inputs of a signature of {@code model}, without those that are optional.
   *
   * @throws IllegalArgumentException if the shapes are too large
   * @throws io.salver.tensor.MemoryLimitException if there is no memory for them
   */
  @Nullable Tensor[] inputs(LoadedModel model, Signature signature, int[] rows, TensorArena arena) {
    @Nullable Tensor[] inputs = new Tensor[signature.inputs().size()];
    for (int i = 0; i < inputs.length; i++) {
      TensorSpec spec = signature.inputs().get(i);
      inputs[i] = spec.optional() ? null : input(model, signature, i, rows, arena);
    }
    return inputs;
  }

  private Tensor input(
      LoadedModel model, Signature signature, int index, int[] rows, TensorArena arena) {
    TensorSpec spec = signature.inputs().get(index);
    long[] dims = spec.shape().dims();
    dims[0] = rows.length;
    for (int d = 1; d < dims.length; d++) {
      dims[d] = dims[d] == -1 ? innerDim : dims[d];
    }
    Shape shape = Shape.of(dims);
    return spec.dtype() == DType.STRING
        ? strings(model.examples(signature, index), shape, index, rows, arena)
        : numbers(spec.dtype(), shape, index, rows, arena);
  }

  private static SplittableRandom random(int row, int index) {
    return new SplittableRandom(1_000_003L * row + index);
  }

  private Tensor strings(
      List<byte[]> examples, Shape shape, int index, int[] rows, TensorArena arena) {
    if (shape.elementCount() > MAX_STRINGS) {
      throw new IllegalArgumentException(
          "strings: " + shape + " (expected: at most " + MAX_STRINGS + ")");
    }
    StringTensorBuilder strings = new StringTensorBuilder(arena, shape.elementCount(), 0);
    for (int row : rows) {
      SplittableRandom random = random(row, index);
      for (long i = 0; i < shape.elementCount() / rows.length; i++) {
        strings.add(
            examples.isEmpty()
                ? text(random).getBytes(StandardCharsets.UTF_8)
                : examples.get((int) ((row + i) % examples.size())));
      }
    }
    return strings.build(shape);
  }

  private String text(SplittableRandom random) {
    return emptyStrings ? "" : Integer.toString(random.nextInt(1, 100_000));
  }

  private static Tensor numbers(
      DType dtype, Shape shape, int index, int[] rows, TensorArena arena) {
    Tensor tensor = arena.allocate(dtype, shape);
    long rowElements = shape.elementCount() / rows.length;
    for (int r = 0; r < rows.length; r++) {
      SplittableRandom random = random(rows[r], index);
      for (long i = 0; i < rowElements; i++) {
        // Rows of one small integer are to differ too.
        int small = i == 0 ? rows[r] % SMALL_INTEGERS : random.nextInt(SMALL_INTEGERS);
        Elements.set(tensor, r * rowElements + i, 2 * random.nextDouble() - 1, small);
      }
    }
    return tensor;
  }
}
