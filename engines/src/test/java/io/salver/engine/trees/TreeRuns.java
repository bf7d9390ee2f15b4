package io.salver.engine.trees;

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
import io.salver.testkit.cases.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Loads and runs models of trees. */
final class TreeRuns {
  private static final long LIMIT_BYTES = 1L << 30;

  private TreeRuns() {}

  /** The model of one file, which is copied into an empty directory of its own. */
  static LoadedModel load(Path temporary, String name, byte[] content)
      throws IOException, ModelLoadException {
    Path version = Files.createTempDirectory(temporary, "version");
    Files.write(version.resolve(name), content);
    return load(version);
  }

  static LoadedModel load(Path version) throws ModelLoadException {
    try (TreesEngine engine = new TreesEngine()) {
      return engine.load(new ModelFiles(version), EngineOptions.DEFAULT);
    }
  }

  static Signature signature(LoadedModel model) {
    return Objects.requireNonNull(model.signatures().get(Signature.DEFAULT_NAME));
  }

  /** The answers for rows, one after the other. */
  static double[] answers(LoadedModel model, double[]... rows) {
    DType dtype = signature(model).inputs().get(0).dtype();
    double[] all = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    Shape shape = Shape.of(rows.length, rows.length == 0 ? 0 : rows[0].length);
    return numbers(run(model, TensorData.numbers("input-0", dtype, shape, all)));
  }

  static double[] answers(LoadedModel model, List<double[]> rows) {
    return answers(model, rows.toArray(double[][]::new));
  }

  static TensorData run(LoadedModel model, TensorData input) {
    return run(model, Signature.DEFAULT_NAME, input);
  }

  /** The only output of a signature. */
  static TensorData run(LoadedModel model, String signatureName, TensorData input) {
    try (ArenaPool pool = new ArenaPool(LIMIT_BYTES);
        TensorArena arena = pool.take()) {
      Tensor[] inputs = {input.toTensor(arena)};
      Signature signature = Objects.requireNonNull(model.signatures().get(signatureName));
      Batch batch = new Batch(signature, inputs, null, arena, Long.MAX_VALUE);
      model.run(batch);
      return TensorData.copyOf(signature.outputs().get(0).name(), batch.output(0));
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
