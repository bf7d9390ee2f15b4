package io.salver.engine.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.engine.Batch;
import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.testkit.cases.OnnxModelWriter;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxEngineTest {
  @TempDir Path directory;

  @Test
  void halfPlusTwoIsHalfPlusTwo() throws Exception {
    Files.write(directory.resolve("model.onnx"), OnnxModelWriter.halfPlusTwo().toByteArray());
    try (OnnxEngine engine = new OnnxEngine();
        LoadedModel model = engine.load(new ModelFiles(directory), EngineOptions.DEFAULT);
        ArenaPool pool = new ArenaPool(1 << 20)) {
      Signature signature =
          java.util.Objects.requireNonNull(model.signatures().get("serving_default"));
      for (int pass = 0; pass < 1; pass++) {
        int n = 1000;
        for (int i = 0; i < n; i++) {
          try (TensorArena arena = pool.take()) {
            Tensor x = arena.allocate(DType.FLOAT32, Shape.of(3));
            x.data().setAtIndex(ValueLayout.JAVA_FLOAT, 0, 1);
            x.data().setAtIndex(ValueLayout.JAVA_FLOAT, 1, 2);
            x.data().setAtIndex(ValueLayout.JAVA_FLOAT, 2, 5);
            Batch batch = new Batch(signature, new Tensor[] {x}, null, arena, Long.MAX_VALUE);
            model.run(batch);
            assertThat(batch.output(0).getFloat(2) == 4.5f).isTrue();
          }
        }
      }
    }
  }
}
