package io.salver.engine.steps;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives what it gets: output i is input i. Remembers how often it ran, and whether it is closed.
 */
final class EchoModel implements LoadedModel {
  private final Map<String, Signature> signatures = new LinkedHashMap<>();
  int runs;
  boolean closed;

  /** Outputs are called as the inputs, with an apostrophe; they have the inputs' types. */
  EchoModel(TensorSpec... inputs) {
    List<TensorSpec> outputs =
        Arrays.stream(inputs)
            .map(input -> TensorSpec.of(input.name() + "'", input.dtype(), input.shape()))
            .toList();
    add(new Signature(Signature.DEFAULT_NAME, "", List.of(inputs), outputs));
  }

  EchoModel add(Signature signature) {
    signatures.put(signature.name(), signature);
    return this;
  }

  @Override
  public Map<String, Signature> signatures() {
    return signatures;
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public void run(Batch batch) {
    runs++;
    for (int i = 0; i < batch.signature().inputs().size(); i++) {
      batch.setOutput(i, Inputs.required(batch, i));
    }
  }

  @Override
  public long memoryBytes() {
    return 1;
  }

  @Override
  public void close() {
    closed = true;
  }
}
