package io.salver.engine.tflite;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.testkit.cases.TensorData;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Runs models once, from and to the heap. */
final class Runs {
  private static final long LIMIT_BYTES = 1L << 30;

  private Runs() {}

  /** The signature called {@code name}, which the model has. */
  static Signature signature(LoadedModel model, String name) {
    return Objects.requireNonNull(model.signatures().get(name), name);
  }

  /** All outputs of {@code serving_default}. */
  static Map<String, TensorData> once(LoadedModel model, TensorData... inputs) {
    return once(model, signature(model, Signature.DEFAULT_NAME), List.of(inputs));
  }

  /** All outputs of a signature. */
  static Map<String, TensorData> once(
      LoadedModel model, Signature signature, List<TensorData> inputs) {
    return once(model, signature, null, inputs, Long.MAX_VALUE);
  }

  /** The outputs of a signature that are wanted. */
  static Map<String, TensorData> once(
      LoadedModel model,
      Signature signature,
      boolean @Nullable [] wanted,
      List<TensorData> inputs,
      long deadlineNs) {
    try (ArenaPool pool = new ArenaPool(LIMIT_BYTES);
        TensorArena arena = pool.take()) {
      Tensor[] tensors = new Tensor[signature.inputs().size()];
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
}
