package io.salver.server.oip;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A model whose outputs are its inputs. */
record Echo(Signature signature) implements LoadedModel {
  /** Echoes {@code x} as {@code y}, of one type and any shape. */
  static Echo of(DType dtype) {
    return new Echo(
        new Signature(
            Signature.DEFAULT_NAME,
            "",
            List.of(TensorSpec.of("x", dtype, Shape.UNKNOWN_RANK)),
            List.of(TensorSpec.of("y", dtype, Shape.UNKNOWN_RANK))));
  }

  /** Echoes numbers and names, of which names may be left out, under another name than usual. */
  static Echo pair() {
    return new Echo(
        new Signature(
            "only",
            "",
            List.of(
                TensorSpec.of("numbers", DType.INT32, Shape.of(-1, 2)),
                new TensorSpec("names", DType.STRING, Shape.of(-1), "names", true)),
            List.of(
                TensorSpec.of("numbers", DType.INT32, Shape.of(-1, 2)),
                TensorSpec.of("names", DType.STRING, Shape.of(-1)))));
  }

  @Override
  public Map<String, Signature> signatures() {
    return Map.of(signature.name(), signature);
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public void run(Batch batch) {
    for (int i = 0; i < signature.outputs().size(); i++) {
      if (batch.wants(i)) {
        Tensor input = batch.input(i);
        batch.setOutput(i, Objects.requireNonNull(input, "left out, but wanted"));
      }
    }
  }

  @Override
  public long memoryBytes() {
    return 0;
  }

  @Override
  public void close() {}
}
