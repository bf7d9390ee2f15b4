package io.salver.bench;

import io.salver.engine.Batch;
import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.engine.onnx.OnnxEngine;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;

/**
 * What an engine does by itself: one thread runs one batch after the other, with nothing around it.
 * The bound that a server with one instance of the model can reach.
 */
public final class EngineLoop {
  private static final long LIMIT_BYTES = 1L << 30;

  private EngineLoop() {}

  /** Takes VERSION_DIRECTORY ROWS SECONDS; prints: runs, rows/s, and us for each run. */
  public static void main(String[] arguments) throws ModelLoadException {
    if (arguments.length != 3) {
      System.err.println(
          "arguments: "
              + Arrays.toString(arguments)
              + " (expected: VERSION_DIRECTORY ROWS SECONDS)");
      System.exit(2);
    }
    long rows = Long.parseLong(arguments[1]);
    Duration duration = Duration.ofSeconds(Long.parseLong(arguments[2]));
    try (OnnxEngine engine = new OnnxEngine();
        LoadedModel model =
            engine.load(new ModelFiles(Path.of(arguments[0])), EngineOptions.DEFAULT)) {
      loop(model, rows, duration.dividedBy(4));
      long beginNs = System.nanoTime();
      long runs = loop(model, rows, duration);
      double seconds = (System.nanoTime() - beginNs) / 1e9;
      System.out.printf("%d %.1f %.1f%n", runs, runs * rows / seconds, seconds / runs * 1e6);
    }
  }

  private static long loop(LoadedModel model, long rows, Duration duration) {
    Signature signature = Objects.requireNonNull(model.signatures().get(Signature.DEFAULT_NAME));
    long runs = 0;
    try (ArenaPool pool = new ArenaPool(LIMIT_BYTES);
        TensorArena inputs = pool.take()) {
      Tensor[] tensors =
          signature.inputs().stream()
              .map(spec -> random(spec.dtype(), spec.shape(), rows, inputs))
              .toArray(Tensor[]::new);
      long endNs = System.nanoTime() + duration.toNanos();
      while (System.nanoTime() - endNs < 0) {
        try (TensorArena arena = pool.take()) {
          model.run(new Batch(signature, tensors, null, arena, Long.MAX_VALUE));
        }
        runs++;
      }
    }
    return runs;
  }

  private static Tensor random(DType dtype, Shape declared, long rows, TensorArena arena) {
    long[] dims = declared.dims();
    for (int i = 0; i < dims.length; i++) {
      dims[i] = dims[i] >= 0 ? dims[i] : i == 0 ? rows : 1;
    }
    Tensor tensor = arena.allocate(dtype, Shape.of(dims));
    Random random = new Random(1);
    for (long i = 0; i < tensor.elementCount(); i++) {
      float value = random.nextFloat();
      switch (dtype) {
        case FLOAT32 -> tensor.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
        case FLOAT16 ->
            tensor.data().setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(value));
        default -> throw new IllegalArgumentException(dtype + " (expected: FLOAT32 or FLOAT16)");
      }
    }
    return tensor;
  }
}
