package io.salver.engine.process;

import io.salver.tensor.Signature;
import java.util.List;
import java.util.Map;

/**
 * What a worker says of its model.
 *
 * @param signatures at least one, in the model's own order
 * @param memoryBytes what the model takes in the worker; 0 if it does not say
 * @param metadata as {@link io.salver.engine.LoadedModel#metadata}, by key
 */
public record WorkerDescription(
    List<Signature> signatures, long memoryBytes, Map<String, byte[]> metadata) {

  public WorkerDescription {
    signatures = List.copyOf(signatures);
    metadata = Map.copyOf(metadata);
  }
}
