package io.salver.bench;

import io.salver.engine.Batch;
import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.engine.trees.TreesEngine;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Objects;

/** Runs a model of trees as a server would, without one. Used by one thread. */
final class TreesLoop implements AutoCloseable {
  private static final long LIMIT_BYTES = 1L << 30;

  private final ArenaPool pool = new ArenaPool(LIMIT_BYTES);
  private final LoadedModel model;

  /** The model in a version directory. */
  TreesLoop(Path version) throws ModelLoadException {
    try (TreesEngine engine = new TreesEngine()) {
      model = engine.load(new ModelFiles(version), EngineOptions.DEFAULT);
    }
  }

  /** The answers of a signature for {@code [rows.length / features, features]}. */
  double[] run(String signatureName, float[] rows, int features) {
    Signature signature = Objects.requireNonNull(model.signatures().get(signatureName));
    try (TensorArena arena = pool.take()) {
      DType dtype = signature.inputs().get(0).dtype();
      Tensor input = arena.allocate(dtype, Shape.of(rows.length / features, features));
      for (int i = 0; i < rows.length; i++) {
        if (dtype == DType.FLOAT32) {
          input.data().setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, rows[i]);
        } else {
          input.data().setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i, rows[i]);
        }
      }
      Batch batch = new Batch(signature, new Tensor[] {input}, null, arena, Long.MAX_VALUE);
      model.run(batch);
      Tensor output = batch.output(0);
      double[] answers = new double[(int) output.elementCount()];
      for (int i = 0; i < answers.length; i++) {
        answers[i] = dtype == DType.FLOAT32 ? output.getFloat(i) : output.getDouble(i);
      }
      return answers;
    }
  }

  @Override
  public void close() {
    model.close();
    pool.close();
  }
}
