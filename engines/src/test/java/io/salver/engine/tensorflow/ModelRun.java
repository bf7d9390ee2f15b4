package io.salver.engine.tensorflow;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.testkit.cases.ArrayTensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Runs models with arrays. */
final class ModelRun {
  private static final long LIMIT_BYTES = 1L << 30;

  private ModelRun() {}

  /** The signature called {@code name}, which the model has. */
  static Signature signature(LoadedModel model, String name) {
    return Objects.requireNonNull(model.signatures().get(name), name);
  }

  /** The output called {@code name}, which the signature has, of one call. */
  static ArrayTensor output(
      LoadedModel model, String signature, Map<String, ArrayTensor> inputs, String name) {
    return output(run(model, signature, inputs), name);
  }

  /** The output called {@code name}, which is there. */
  static ArrayTensor output(Map<String, ArrayTensor> outputs, String name) {
    return Objects.requireNonNull(outputs.get(name), name);
  }

  /** All outputs of one call, by name. */
  static Map<String, ArrayTensor> run(
      LoadedModel model, String signature, Map<String, ArrayTensor> inputs) {
    return run(model, signature(model, signature), inputs);
  }

  /** All outputs of one call, by name. */
  static Map<String, ArrayTensor> run(
      LoadedModel model, Signature signature, Map<String, ArrayTensor> inputs) {
    try (ArenaPool pool = new ArenaPool(LIMIT_BYTES);
        TensorArena arena = pool.take()) {
      Tensor[] tensors = new Tensor[signature.inputs().size()];
      inputs.forEach((name, value) -> tensors[signature.inputIndex(name)] = value.copyTo(arena));
      Batch batch = new Batch(signature, tensors, null, arena, Long.MAX_VALUE);
      model.run(batch);
      Map<String, ArrayTensor> outputs = new LinkedHashMap<>();
      for (int i = 0; i < signature.outputs().size(); i++) {
        outputs.put(signature.outputs().get(i).name(), ArrayTensor.of(batch.output(i)));
      }
      return outputs;
    }
  }
}
