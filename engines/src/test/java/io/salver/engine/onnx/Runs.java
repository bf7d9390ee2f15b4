package io.salver.engine.onnx;

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

  /** All outputs of the model's own signature. */
  static Map<String, TensorData> once(LoadedModel model, List<TensorData> inputs) {
    return once(model, signature(model), null, inputs);
  }

  static Signature signature(LoadedModel model) {
    return Objects.requireNonNull(model.signatures().get(Signature.DEFAULT_NAME));
  }

  /** The outputs of a signature that are wanted. */
  static Map<String, TensorData> once(
      LoadedModel model,
      Signature signature,
      boolean @Nullable [] wanted,
      List<TensorData> inputs) {
    try (ArenaPool pool = new ArenaPool(LIMIT_BYTES);
        TensorArena arena = pool.take()) {
      Tensor[] tensors = new Tensor[signature.inputs().size()];
      for (TensorData input : inputs) {
        tensors[signature.inputIndex(input.name())] = input.toTensor(arena);
      }
      Batch batch = new Batch(signature, tensors, wanted, arena, Long.MAX_VALUE);
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
