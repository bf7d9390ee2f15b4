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

  /** All outputs of one call, by name. */
  static Map<String, ArrayTensor> run(
      LoadedModel model, String signature, Map<String, ArrayTensor> inputs) {
    return run(model, Objects.requireNonNull(model.signatures().get(signature), signature), inputs);
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
