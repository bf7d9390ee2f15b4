package io.salver.engine.pmml;

import io.salver.engine.Batch;
import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import io.salver.testkit.cases.TensorData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Loads and runs PMML models, with rows as maps. */
final class PmmlRuns {
  private static final long LIMIT_BYTES = 1L << 30;

  private PmmlRuns() {}

  static LoadedModel load(Path version) throws ModelLoadException {
    try (PmmlEngine engine = new PmmlEngine()) {
      return engine.load(new ModelFiles(version), EngineOptions.DEFAULT);
    }
  }

  /** The model of one file, which is written into an empty directory of its own. */
  static LoadedModel load(Path temporary, String content) throws IOException, ModelLoadException {
    Path version = Files.createTempDirectory(temporary, "version");
    Files.writeString(version.resolve("model.pmml"), content);
    return load(version);
  }

  static Signature signature(LoadedModel model, String name) {
    return Objects.requireNonNull(model.signatures().get(name));
  }

  /**
   * The answers for rows: numbers as doubles, strings as strings, of which the empty one is
   * missing. A value that a row does not have is missing.
   */
  static List<Map<String, Object>> run(LoadedModel model, List<? extends Map<String, ?>> rows) {
    Signature signature = signature(model, Signature.DEFAULT_NAME);
    List<TensorData> inputs = new ArrayList<>();
    for (TensorSpec spec : signature.inputs()) {
      inputs.add(column(spec, rows));
    }
    return run(model, signature, inputs, rows.size());
  }

  static List<Map<String, Object>> run(
      LoadedModel model,
      Signature signature,
      List<? extends @Nullable TensorData> inputs,
      int count) {
    try (ArenaPool pool = new ArenaPool(LIMIT_BYTES);
        TensorArena arena = pool.take()) {
      @Nullable Tensor[] tensors = new Tensor[inputs.size()];
      for (int i = 0; i < tensors.length; i++) {
        TensorData input = inputs.get(i);
        tensors[i] = input == null ? null : input.toTensor(arena);
      }
      Batch batch = new Batch(signature, tensors, null, arena, Long.MAX_VALUE);
      model.run(batch);
      List<Map<String, Object>> answers = new ArrayList<>();
      for (int row = 0; row < count; row++) {
        Map<String, Object> answer = new LinkedHashMap<>();
        for (int i = 0; i < signature.outputs().size(); i++) {
          Tensor output = batch.output(i);
          answer.put(
              signature.outputs().get(i).name(),
              output.dtype() == DType.STRING ? output.getUtf8(row) : output.getDouble(row));
        }
        answers.add(answer);
      }
      return answers;
    }
  }

  private static TensorData column(TensorSpec spec, List<? extends Map<String, ?>> rows) {
    Shape shape = Shape.of(rows.size());
    if (spec.dtype() == DType.STRING) {
      byte[][] elements = new byte[rows.size()][];
      for (int i = 0; i < elements.length; i++) {
        Object value = rows.get(i).get(spec.name());
        elements[i] = (value == null ? "" : value.toString()).getBytes(StandardCharsets.UTF_8);
      }
      return new TensorData(spec.name(), DType.STRING, shape, elements);
    }
    double[] numbers = new double[rows.size()];
    for (int i = 0; i < numbers.length; i++) {
      Object value = rows.get(i).get(spec.name());
      numbers[i] =
          value == null
              ? Double.NaN
              : value instanceof Boolean truth ? truth ? 1 : 0 : ((Number) value).doubleValue();
    }
    return TensorData.numbers(spec.name(), spec.dtype(), shape, numbers);
  }
}
