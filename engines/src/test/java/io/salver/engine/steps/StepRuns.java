package io.salver.engine.steps;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Tensors, and runs of a model's default signature, in one arena that lives as long as this. */
final class StepRuns implements AutoCloseable {
  private final ArenaPool pool = new ArenaPool(64 << 20);
  final TensorArena arena = pool.take();

  Batch run(LoadedModel model, Tensor... inputs) {
    return run(model, null, inputs);
  }

  Batch run(LoadedModel model, boolean[] wanted, Tensor... inputs) {
    Signature signature = model.signatures().get(Signature.DEFAULT_NAME);
    Batch batch = new Batch(signature, inputs, wanted, arena, Long.MAX_VALUE);
    model.run(batch);
    return batch;
  }

  Tensor strings(String... values) {
    StringTensorBuilder builder = new StringTensorBuilder(arena, 1, 1);
    for (String value : values) {
      builder.add(value.getBytes(StandardCharsets.UTF_8));
    }
    return builder.build(Shape.of(values.length));
  }

  Tensor bytes(byte[]... values) {
    StringTensorBuilder builder = new StringTensorBuilder(arena, 1, 1);
    for (byte[] value : values) {
      builder.add(value);
    }
    return builder.build(Shape.of(values.length));
  }

  Tensor floats(Shape shape, float... values) {
    Tensor tensor = arena.allocate(DType.FLOAT32, shape);
    for (int i = 0; i < values.length; i++) {
      tensor.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, values[i]);
    }
    return tensor;
  }

  Tensor longs(Shape shape, long... values) {
    Tensor tensor = arena.allocate(DType.INT64, shape);
    for (int i = 0; i < values.length; i++) {
      tensor.data().setAtIndex(ValueLayout.JAVA_LONG, i, values[i]);
    }
    return tensor;
  }

  static float[] floats(Tensor tensor) {
    return tensor.data().toArray(ValueLayout.JAVA_FLOAT);
  }

  static String[] strings(Tensor tensor) {
    String[] values = new String[(int) tensor.elementCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.getUtf8(i);
    }
    return values;
  }

  @Override
  public void close() {
    arena.close();
  }
}
