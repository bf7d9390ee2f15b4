package io.salver.server.tfserving;

import com.google.protobuf.InvalidProtocolBufferException;
import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.predict.ServingException;
import io.salver.server.tfserving.proto.Example;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A model of serialised examples: {@code y = x / 2 + 2}, {@code y2 = x / 2 + 3}, and a class that
 * says whether {@code y} is above 10. Signatures share their tensors by native name.
 */
final class ExamplesModel implements LoadedModel {
  private static final TensorSpec INPUT =
      new TensorSpec("inputs", DType.STRING, Shape.UNKNOWN_RANK, "tf_example:0", false);

  private final AtomicInteger runs = new AtomicInteger();

  /** How often it was run. */
  int runs() {
    return runs.get();
  }

  private static TensorSpec output(String name, DType dtype, String nativeName) {
    return new TensorSpec(name, dtype, Shape.of(-1, 1), nativeName, false);
  }

  private static Signature signature(String name, TensorSpec input, TensorSpec... outputs) {
    return new Signature(name, "tensorflow/serving/predict", List.of(input), List.of(outputs));
  }

  private static final Map<String, Signature> SIGNATURES =
      Map.of(
          "regress_x_to_y",
          signature("regress_x_to_y", INPUT, output("outputs", DType.FLOAT32, "y:0")),
          "regress_x_to_y2",
          signature(
              "regress_x_to_y2",
              new TensorSpec("inputs", DType.STRING, Shape.UNKNOWN_RANK, "other_example:0", false),
              output("outputs", DType.FLOAT32, "y2:0")),
          "classify_x_to_y",
          signature("classify_x_to_y", INPUT, output("scores", DType.FLOAT32, "y:0")),
          "classify_labelled",
          signature(
              "classify_labelled",
              INPUT,
              output("classes", DType.STRING, "class:0"),
              output("scores", DType.FLOAT32, "y:0")),
          "regress_labels",
          signature("regress_labels", INPUT, output("outputs", DType.STRING, "class:0")));

  @Override
  public Map<String, Signature> signatures() {
    return SIGNATURES;
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public void run(Batch batch) {
    runs.incrementAndGet();
    List<TensorSpec> outputs = batch.signature().outputs();
    for (int i = 0; i < outputs.size(); i++) {
      if (batch.wants(i)) {
        batch.setOutput(i, output(batch, outputs.get(i).nativeName()));
      }
    }
  }

  private static Tensor output(Batch batch, String nativeName) {
    Tensor examples = batch.input(0);
    if (examples == null) {
      throw new AssertionError("inputs are required");
    }
    long rows = examples.elementCount();
    Shape shape = Shape.of(rows, 1);
    if (nativeName.equals("class:0")) {
      StringTensorBuilder labels = new StringTensorBuilder(batch.arena(), rows, 8 * rows);
      for (long i = 0; i < rows; i++) {
        String label = y(examples, i) > 10 ? "large" : "small";
        labels.add(label.getBytes(StandardCharsets.UTF_8));
      }
      return labels.build(shape);
    }
    Tensor tensor = batch.arena().allocate(DType.FLOAT32, shape);
    float plus = nativeName.equals("y2:0") ? 1 : 0;
    for (long i = 0; i < rows; i++) {
      tensor.data().set(ValueLayout.JAVA_FLOAT, i * Float.BYTES, y(examples, i) + plus);
    }
    return tensor;
  }

  private static float y(Tensor examples, long i) {
    try {
      Example example = Example.parseFrom(examples.getString(i).toArray(ValueLayout.JAVA_BYTE));
      return example.getFeatures().getFeatureOrThrow("x").getFloatList().getValue(0) / 2 + 2;
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      throw ServingException.invalid("Could not parse example input");
    }
  }

  @Override
  public long memoryBytes() {
    return 0;
  }

  @Override
  public void close() {}
}
