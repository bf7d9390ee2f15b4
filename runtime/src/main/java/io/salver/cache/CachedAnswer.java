package io.salver.cache;

import io.salver.engine.Batch;
import io.salver.predict.PredictRequest;
import io.salver.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** The outputs that a request was given, on the heap. Immutable. */
final class CachedAnswer {
  private final @Nullable Tensor[] outputs;

  private CachedAnswer(@Nullable Tensor[] outputs) {
    this.outputs = outputs;
  }

  /** A copy of what {@code request}, which was run, was given. */
  static CachedAnswer of(PredictRequest request) {
    return new CachedAnswer(HeapTensors.copy(outputs(request)));
  }

  private static @Nullable Tensor[] outputs(PredictRequest request) {
    @Nullable Tensor[] outputs = new Tensor[request.signature().outputs().size()];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = request.wants(i) ? request.output(i) : null;
    }
    return outputs;
  }

  /** What {@link #of} would take. */
  static long sizeBytes(PredictRequest request) {
    return HeapTensors.sizeBytes(outputs(request));
  }

  long sizeBytes() {
    return HeapTensors.sizeBytes(outputs);
  }

  /**
   * Gives {@code request} the same, in its own memory.
   *
   * @throws io.salver.tensor.MemoryLimitException if there is no room for it
   */
  void giveTo(PredictRequest request) {
    Batch answered =
        new Batch(
            request.signature(),
            request.inputs(),
            request.wanted(),
            request.arena(),
            request.deadlineNs());
    for (int i = 0; i < outputs.length; i++) {
      Tensor output = outputs[i];
      if (output != null) {
        answered.setOutput(i, HeapTensors.copy(output, request.arena()));
      }
    }
    request.setOutputs(answered);
  }
}
