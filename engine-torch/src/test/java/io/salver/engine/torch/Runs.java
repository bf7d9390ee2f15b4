package io.salver.engine.torch;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.testkit.cases.TensorData;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs a model once. */
final class Runs {
  private static final long LIMIT_BYTES = 1L << 30;

  private Runs() {}

  static Signature signature(LoadedModel model) {
    return model.signatures().get(Signature.DEFAULT_NAME);
  }

  /** The outputs by name. */
  static Map<String, TensorData> run(LoadedModel model, TensorData... given) {
    Signature signature = signature(model);
    try (ArenaPool pool = new ArenaPool(LIMIT_BYTES);
        TensorArena arena = pool.take()) {
      Tensor[] inputs = new Tensor[signature.inputs().size()];
      for (TensorData input : given) {
        inputs[signature.inputIndex(input.name())] = input.toTensor(arena);
      }
      Batch batch = new Batch(signature, inputs, null, arena, Long.MAX_VALUE);
      model.run(batch);
      Map<String, TensorData> outputs = new LinkedHashMap<>();
      for (int i = 0; i < signature.outputs().size(); i++) {
        String name = signature.outputs().get(i).name();
        outputs.put(name, TensorData.copyOf(name, batch.output(i)));
      }
      return outputs;
    }
  }

  static double[] numbers(TensorData data) {
    double[] numbers = new double[data.count()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = data.number(i);
    }
    return numbers;
  }
}
