package io.salver.testkit.cases;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Runs models once, from and to the heap. */
public final class Runs {
  private static final long LIMIT_BYTES = 1L << 30;

  private Runs() {}

  /** The signature {@code serving_default}, which the model has. */
  public static Signature signature(LoadedModel model) {
    return signature(model, Signature.DEFAULT_NAME);
  }

  /** The signature called {@code name}, which the model has. */
  public static Signature signature(LoadedModel model, String name) {
    return Objects.requireNonNull(model.signatures().get(name), name);
  }

  /** All outputs of {@code serving_default}, by name. */
  public static Map<String, TensorData> once(LoadedModel model, TensorData... inputs) {
    return once(model, List.of(inputs));
  }

  /** All outputs of {@code serving_default}, by name. */
  public static Map<String, TensorData> once(LoadedModel model, List<TensorData> inputs) {
    return once(model, signature(model), inputs);
  }

  /** All outputs of a signature, by name. */
  public static Map<String, TensorData> once(
      LoadedModel model, Signature signature, List<TensorData> inputs) {
    return once(model, signature, null, inputs);
  }

  /** The outputs of a signature that are wanted, by name. */
  public static Map<String, TensorData> once(
      LoadedModel model,
      Signature signature,
      boolean @Nullable [] wanted,
      List<TensorData> inputs) {
    return once(model, signature, wanted, inputs, Long.MAX_VALUE);
  }

  /** As above, in time for a deadline of {@link System#nanoTime()}. */
  public static Map<String, TensorData> once(
      LoadedModel model,
      Signature signature,
      boolean @Nullable [] wanted,
      List<TensorData> inputs,
      long deadlineNs) {
    try (ArenaPool pool = new ArenaPool(LIMIT_BYTES);
        TensorArena arena = pool.take()) {
      @Nullable Tensor[] tensors = new Tensor[signature.inputs().size()];
      for (TensorData input : inputs) {
        tensors[signature.inputIndex(input.name())] = input.toTensor(arena);
      }
      Batch batch = new Batch(signature, tensors, wanted, arena, deadlineNs);
      model.run(batch);
      Map<String, TensorData> outputs = new LinkedHashMap<>();
      for (int i = 0; i < signature.outputs().size(); i++) {
        if (batch.wants(i)) {
          String name = signature.outputs().get(i).name();
          outputs.put(name, TensorData.copyOf(name, batch.output(i)));
        }
      }
      return outputs;
    }
  }

  /** All elements of a tensor of numbers. */
  public static double[] numbers(TensorData data) {
    double[] numbers = new double[data.count()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = data.number(i);
    }
    return numbers;
  }
}
