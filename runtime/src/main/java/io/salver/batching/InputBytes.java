package io.salver.batching;

import io.salver.engine.Batch;
import io.salver.predict.PredictRequest;
import io.salver.tensor.DType;
import io.salver.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** The bytes of the elements that go into a run, by which its time is expected. */
final class InputBytes {
  private InputBytes() {}

  static long of(PredictRequest request) {
    long bytes = 0;
    for (Tensor input : request.inputs()) {
      bytes += of(input);
    }
    return bytes;
  }

  static long of(Batch batch) {
    long bytes = 0;
    for (int i = 0; i < batch.signature().inputs().size(); i++) {
      bytes += of(batch.input(i));
    }
    return bytes;
  }

  private static long of(@Nullable Tensor input) {
    if (input == null) {
      return 0;
    }
    if (input.dtype() != DType.STRING) {
      return input.data().byteSize();
    }
    long end = input.elementCount() * Long.BYTES;
    return input.offsets().get(ValueLayout.JAVA_LONG_UNALIGNED, end)
        - input.offsets().get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
  }
}
